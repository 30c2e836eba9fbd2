package org.tantra.nn.gpt;

import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.nn.text.BytePairTokenizer;
import org.tantra.nn.text.EndTokens;
import org.tantra.nn.text.TokenIdsOnly;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// Finds the tokenizer of a checkpoint: its own files, else GPT-2's vocabulary if the size is that
/// of GPT-2, else none.
final class GptTokenizer {
  private static final int PUBLISHED_VOCAB = 50257;

  private GptTokenizer() {}

  /// @param arena the tokenizer may be used until this is closed
  static Tokenizer of(Checkpoint checkpoint, GptConfig config, Arena arena) {
    Set<Integer> endIds = config.endIds();
    Optional<Tokenizer> own =
        TokenizerFiles.find(
            checkpoint, config.vocab(), EndTokens.of(endIds), config.startId(), arena);
    if (own.isPresent()) {
      return own.get();
    }
    if (config.vocab() == PUBLISHED_VOCAB) {
      return BytePairTokenizer.r50kBase();
    }
    return new TokenIdsOnly(
        config.vocab(),
        endIds,
        config.startId(),
        ("Checkpoint '%s' came without tokenizer.json, and its %d tokens are "
                + "not GPT-2's %d, so text cannot be turned into tokens. Put it beside "
                + "the weights, or vocab.json and merges.txt, or send token ids.")
            .formatted(checkpoint.name(), config.vocab(), PUBLISHED_VOCAB));
  }
}
