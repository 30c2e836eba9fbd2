package org.tantra.plugin.spikingbrain;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.nn.text.BytePairScheme;
import org.tantra.nn.text.TokenIdsOnly;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// Finds the tokenizer of a SpikingBrain-7B checkpoint, which is that of Qwen2.5: its own files,
/// else none.
final class GlaSwaTokenizer {
  /// Ends a turn of a conversation. The configuration names only the end of a text.
  private static final String END_OF_TURN = "<|im_end|>";

  private GlaSwaTokenizer() {}

  static Tokenizer of(Checkpoint checkpoint, GlaSwaConfig config) {
    Map<String, Integer> added = TokenizerFiles.addedTokens(checkpoint);
    Set<Integer> endIds = new HashSet<>(config.endIds());
    if (added.containsKey(END_OF_TURN)) {
      endIds.add(added.get(END_OF_TURN));
    }
    return TokenizerFiles.bytePair(
            BytePairScheme.QWEN2, checkpoint, config.vocab(), added, endIds, config.startId())
        .orElseGet(
            () ->
                new TokenIdsOnly(
                    config.vocab(),
                    endIds,
                    config.startId(),
                    "Checkpoint '%s' came without vocab.json and merges.txt, so text cannot be turned into tokens. Put both files beside the weights, or send token ids."
                        .formatted(checkpoint.name())));
  }
}
