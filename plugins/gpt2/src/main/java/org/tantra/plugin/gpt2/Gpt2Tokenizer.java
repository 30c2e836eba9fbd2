package org.tantra.plugin.gpt2;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.text.BytePairTokenizer;
import org.tantra.nn.text.TokenIdsOnly;
import org.tantra.nn.text.Tokenizer;

/// Finds the tokenizer of a checkpoint: its own files, else GPT-2's vocabulary if the size is that
/// of GPT-2, else none.
final class Gpt2Tokenizer {
  private static final int PUBLISHED_VOCAB = 50257;

  private Gpt2Tokenizer() {}

  static Tokenizer of(Checkpoint checkpoint, Gpt2Config config) {
    Set<Integer> endIds = config.endId().stream().boxed().collect(Collectors.toSet());
    Optional<Settings> vocab = checkpoint.json("vocab.json");
    Optional<MemorySegment> merges = checkpoint.file("merges.txt");
    if (vocab.isPresent() && merges.isPresent()) {
      String text = new String(merges.get().toArray(ValueLayout.JAVA_BYTE), UTF_8);
      Tokenizer own =
          BytePairTokenizer.of(vocab.get(), text.lines().toList(), endIds, config.startId());
      if (own.vocab() > config.vocab()) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            ("vocab.json has token ids up to %d, config.json asks for %d tokens "
                    + "(vocab_size). The tokenizer belongs to another checkpoint.")
                .formatted(own.vocab() - 1, config.vocab()));
      }
      return own;
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
