package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// The tokenizer that lies beside the weights of a checkpoint.
public final class TokenizerFiles {
  private TokenizerFiles() {}

  /// GPT-2's kind of byte-pair encoding from `vocab.json` and `merges.txt`, if both are there.
  ///
  /// @param vocab number of the model's token ids
  /// @throws TantraException `CORRUPT` if the files are damaged, or have ids from `vocab` on
  public static Optional<Tokenizer> bytePair(
      Checkpoint checkpoint, int vocab, Set<Integer> endIds, OptionalInt startId) {
    Optional<Settings> ids = checkpoint.json("vocab.json");
    Optional<MemorySegment> merges = checkpoint.file("merges.txt");
    if (ids.isEmpty() || merges.isEmpty()) {
      return Optional.empty();
    }
    String text = new String(merges.get().toArray(ValueLayout.JAVA_BYTE), UTF_8);
    Tokenizer tokenizer = BytePairTokenizer.of(ids.get(), text.lines().toList(), endIds, startId);
    if (tokenizer.vocab() > vocab) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "vocab.json of '%s' has token ids up to %d, the weights have %d tokens. The tokenizer belongs to another checkpoint."
              .formatted(checkpoint.name(), tokenizer.vocab() - 1, vocab));
    }
    return Optional.of(tokenizer);
  }
}
