package org.tantra.plugin.spikingbrain;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.nn.text.BytePairScheme;
import org.tantra.nn.text.EndTokens;
import org.tantra.nn.text.TokenIdsOnly;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// Finds the tokenizer of a SpikingBrain-7B checkpoint, which is that of Qwen2.5: its own files,
/// else none.
final class GlaSwaTokenizer {
  /// Ends a turn of a conversation. The configuration names only the end of a text.
  private static final String END_OF_TURN = "<|im_end|>";

  private GlaSwaTokenizer() {}

  /// @param arena the tokenizer may be used until this is closed
  static Tokenizer of(Checkpoint checkpoint, GlaSwaConfig config, Arena arena) {
    Map<String, Integer> added = TokenizerFiles.addedTokens(checkpoint);
    EndTokens ends = new EndTokens(config.endIds(), Set.of(END_OF_TURN));
    return TokenizerFiles.find(
            BytePairScheme.QWEN2, checkpoint, config.vocab(), added, ends, config.startId(), arena)
        .orElseGet(
            () ->
                new TokenIdsOnly(
                    config.vocab(),
                    config.endIds(),
                    config.startId(),
                    "Checkpoint '%s' came without tokenizer.json, so text cannot be turned into tokens. Put it beside the weights, or vocab.json and merges.txt, or send token ids."
                        .formatted(checkpoint.name())));
  }
}
