package org.tantra.nn.gpt;

import java.util.Optional;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.nn.text.BytePairTokenizer;
import org.tantra.nn.text.TokenIdsOnly;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// Finds the tokenizer of a checkpoint: its own files, else GPT-2's vocabulary if the size is that
/// of GPT-2, else none.
final class GptTokenizer {
  private static final int PUBLISHED_VOCAB = 50257;

  private GptTokenizer() {}

  static Tokenizer of(Checkpoint checkpoint, GptConfig config) {
    Set<Integer> endIds = config.endIds();
    Optional<Tokenizer> own =
        TokenizerFiles.bytePair(checkpoint, config.vocab(), endIds, config.startId());
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
        ("Checkpoint '%s' came without vocab.json and merges.txt, and its %d tokens are "
                + "not GPT-2's %d, so text cannot be turned into tokens. Put both files beside "
                + "the weights, or send token ids.")
            .formatted(checkpoint.name(), config.vocab(), PUBLISHED_VOCAB));
  }
}
