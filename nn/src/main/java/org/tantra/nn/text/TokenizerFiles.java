package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
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
    return bytePair(BytePairScheme.GPT2, checkpoint, vocab, Map.of(), endIds, startId);
  }

  /// As [#bytePair(Checkpoint, int, Set, OptionalInt)], of another kind and with further special
  /// tokens, such as [#addedTokens].
  public static Optional<Tokenizer> bytePair(
      BytePairScheme scheme,
      Checkpoint checkpoint,
      int vocab,
      Map<String, Integer> added,
      Set<Integer> endIds,
      OptionalInt startId) {
    Optional<Settings> ids = checkpoint.json("vocab.json");
    Optional<MemorySegment> merges = checkpoint.file("merges.txt");
    if (ids.isEmpty() || merges.isEmpty()) {
      return Optional.empty();
    }
    String text = new String(merges.get().toArray(ValueLayout.JAVA_BYTE), UTF_8);
    Tokenizer tokenizer =
        BytePairTokenizer.of(scheme, ids.get(), text.lines().toList(), added, endIds, startId);
    if (tokenizer.vocab() > vocab) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "vocab.json of '%s' has token ids up to %d, the weights have %d tokens. The tokenizer belongs to another checkpoint."
              .formatted(checkpoint.name(), tokenizer.vocab() - 1, vocab));
    }
    return Optional.of(tokenizer);
  }

  /// Special tokens by their text, as `added_tokens.json` and `tokenizer_config.json`
  /// (`added_tokens_decoder`) list them; empty if neither does.
  ///
  /// @throws TantraException `CORRUPT` if an entry is not as it should be
  public static Map<String, Integer> addedTokens(Checkpoint checkpoint) {
    Map<String, Integer> added = new HashMap<>();
    try {
      checkpoint
          .json("added_tokens.json")
          .ifPresent(json -> json.keys().forEach(text -> added.put(text, json.integer(text))));
      checkpoint
          .json("tokenizer_config.json")
          .map(json -> json.section("added_tokens_decoder"))
          .ifPresent(json -> json.keys().forEach(id -> addDecoded(added, json, id)));
    } catch (TantraException e) {
      throw new TantraException(ErrorKind.CORRUPT, e.getMessage(), e);
    }
    return added;
  }

  private static void addDecoded(Map<String, Integer> added, Settings decoder, String id) {
    if (!id.matches("\\d{1,9}")) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "%s: 'added_tokens_decoder' has the key '%s'; it must be a token id."
              .formatted(decoder.origin(), id));
    }
    added.put(decoder.section(id).text("content"), Integer.parseInt(id));
  }
}
