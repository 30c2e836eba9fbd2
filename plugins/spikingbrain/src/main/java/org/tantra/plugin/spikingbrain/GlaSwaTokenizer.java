package org.tantra.plugin.spikingbrain;

import java.util.Set;
import java.util.stream.Collectors;
import org.tantra.api.Checkpoint;
import org.tantra.nn.text.TokenIdsOnly;
import org.tantra.nn.text.Tokenizer;

/// Finds the tokenizer of a SpikingBrain-7B checkpoint.
final class GlaSwaTokenizer {
  private GlaSwaTokenizer() {}

  static Tokenizer of(Checkpoint checkpoint, GlaSwaConfig config) {
    Set<Integer> endIds = config.endId().stream().boxed().collect(Collectors.toSet());
    return new TokenIdsOnly(
        config.vocab(),
        endIds,
        config.startId(),
        "Checkpoint '%s' came without vocab.json and merges.txt, so text cannot be turned into tokens. Put both files beside the weights, or send token ids."
            .formatted(checkpoint.name()));
  }
}
