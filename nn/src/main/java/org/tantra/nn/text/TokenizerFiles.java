package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// The tokenizer that lies beside the weights of a checkpoint: `tokenizer.json` if there is one,
/// since it says all that a tokenizer does, else `vocab.json` and `merges.txt`, else the vocabulary
/// within a GGUF file.
public final class TokenizerFiles {
  private static final String JSON = "tokenizer.json";

  /// Parsed it takes some ten times as much; the largest published one has 33 MiB.
  private static final long MAXIMUM_BYTES = 64 << 20;

  /// No published vocabulary comes near this; tables are made as long as the largest id.
  private static final int MAXIMUM_VOCAB = 1 << 22;

  private TokenizerFiles() {}

  /// The tokenizer of a checkpoint whose byte pairs, if it comes without `tokenizer.json`, are
  /// GPT-2's kind.
  ///
  /// Where `tokenizer.json` asks for what is not known here, or the platform has no native code for
  /// it, the two other files stand in; without them token ids alone work.
  ///
  /// @param vocab number of the model's token ids
  /// @param arena the tokenizer may be used until this is closed
  /// @throws TantraException `CORRUPT` if the files are damaged, or have ids from `vocab` on
  public static Optional<Tokenizer> find(
      Checkpoint checkpoint, int vocab, EndTokens ends, OptionalInt startId, Arena arena) {
    return find(BytePairScheme.GPT2, checkpoint, vocab, Map.of(), ends, startId, arena);
  }

  /// As [#find(Checkpoint, int, EndTokens, OptionalInt, Arena)], of another kind.
  ///
  /// @param added special tokens that `vocab.json` does not list, such as [#addedTokens]
  public static Optional<Tokenizer> find(
      BytePairScheme scheme,
      Checkpoint checkpoint,
      int vocab,
      Map<String, Integer> added,
      EndTokens ends,
      OptionalInt startId,
      Arena arena) {
    Wanted wanted = new Wanted(checkpoint, vocab, ends, startId, arena);
    Optional<Tokenizer> complete = orIdsAlone(wanted, () -> huggingFace(wanted));
    if (complete.isPresent() && !(complete.get() instanceof TokenIdsOnly)) {
      return complete;
    }
    return bytePair(scheme, checkpoint, vocab, added, ends.ids(added), startId)
        .or(() -> complete)
        .or(() -> orIdsAlone(wanted, () -> gguf(wanted)));
  }

  /// What a tokenizer is made for.
  private record Wanted(
      Checkpoint checkpoint, int vocab, EndTokens ends, OptionalInt startId, Arena arena) {
    Tokenizer read(Supplier<Settings> file) {
      return new HuggingFaceTokenizer(file, Math.min(vocab, MAXIMUM_VOCAB), ends, startId, arena);
    }
  }

  /// A tokenizer, or one without text that gives the reason for which another is not understood.
  private static Optional<Tokenizer> orIdsAlone(
      Wanted wanted, Supplier<Optional<Tokenizer>> reader) {
    try {
      return reader.get();
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.UNSUPPORTED) {
        throw e;
      }
      return Optional.of(
          new TokenIdsOnly(
              wanted.vocab(),
              wanted.ends().ids(),
              wanted.startId(),
              e.getMessage()
                  + " Put vocab.json and merges.txt beside the weights, or send token ids."));
    }
  }

  /// By what the weight file itself carries.
  ///
  /// @throws TantraException as [#find], and `UNSUPPORTED`
  private static Optional<Tokenizer> gguf(Wanted wanted) {
    Optional<GgufVocabulary> carried = carried(wanted.checkpoint());
    if (carried.isEmpty()) {
      return Optional.empty();
    }
    GgufVocabulary vocabulary = carried.get();
    try {
      BytePairScheme scheme = vocabulary.scheme();
      try {
        return Optional.of(wanted.read(() -> carried(wanted.checkpoint()).orElseThrow().json()));
      } catch (TantraException e) {
        if (e.kind() != ErrorKind.UNSUPPORTED) {
          throw e;
        }
        // Without native code: the same but for tokens that a user has added.
        return Optional.of(
            BytePairTokenizer.of(
                scheme,
                vocabulary.ids(),
                vocabulary.merges(),
                Map.of(),
                wanted.ends().ids(),
                wanted.startId()));
      }
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      throw new TantraException(ErrorKind.CORRUPT, e.getMessage(), e);
    }
  }

  private static Optional<GgufVocabulary> carried(Checkpoint checkpoint) {
    try {
      return GgufVocabulary.of(checkpoint.weights().attributes());
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.NOT_FOUND) {
        throw e;
      }
      return Optional.empty(); // tokenizer files alone, without weights
    }
  }

  /// By `tokenizer.json`, if there is one.
  ///
  /// @throws TantraException as [#find], and `UNSUPPORTED`
  private static Optional<Tokenizer> huggingFace(Wanted wanted) {
    Checkpoint checkpoint = wanted.checkpoint();
    Optional<MemorySegment> file = checkpoint.file(JSON);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    if (file.get().byteSize() > MAXIMUM_BYTES) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "'%s/%s' has %d bytes, more than any tokenizer's (%d). Fetch it again."
              .formatted(checkpoint.name(), JSON, file.get().byteSize(), MAXIMUM_BYTES));
    }
    return Optional.of(wanted.read(() -> checkpoint.json(JSON).orElseThrow()));
  }

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
