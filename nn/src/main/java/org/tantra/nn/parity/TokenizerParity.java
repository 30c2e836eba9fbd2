package org.tantra.nn.parity;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.text.BytePairScheme;
import org.tantra.nn.text.BytePairTokenizer;
import org.tantra.nn.text.EndTokens;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// Compares token ids of golden texts with those of the reference tokenizer.
///
/// A case that names a published vocabulary without bringing it is run with ours if we have it, and
/// otherwise tells whether texts are split as the reference splits them: its ids then say which
/// pieces are equal.
public final class TokenizerParity {
  private static final int R50K = 50257;

  private final Comparison comparison;
  private final Settings expected;
  private final Checkpoint files;
  private final List<Entry> entries = new ArrayList<>();

  /// One text.
  ///
  /// @param ids with special tokens written out taken as plain text
  /// @param special with special tokens understood
  private record Entry(String text, List<Integer> ids, List<Integer> special) {}

  /// @throws TantraException `INVALID` if the case is not as it should be
  public TokenizerParity(ParityCase golden) {
    this.comparison = new Comparison(golden, 0, 0);
    this.expected = golden.expected();
    this.files = golden.checkpoint();
    for (Object item : expected.list("cases")) {
      if (!(item instanceof Map<?, ?> map)) {
        throw new TantraException(ErrorKind.INVALID, "'cases' holds something else than objects.");
      }
      Map<String, Object> values = new HashMap<>();
      map.forEach((key, value) -> values.put(String.valueOf(key), value));
      Settings entry = Settings.of(expected.origin(), values);
      List<Integer> ids = entry.integers("ids");
      entries.add(
          new Entry(
              entry.text("text"),
              ids,
              entry.has("ids_special_allowed") ? entry.integers("ids_special_allowed") : ids));
    }
  }

  /// Compares all texts.
  public List<Finding> run() {
    try (Arena arena = Arena.ofShared()) {
      Optional<Tokenizer> tokenizer = tokenizer(arena);
      if (tokenizer.isPresent()) {
        compare(tokenizer.get());
      } else {
        compareSplits();
      }
    }
    return comparison.findings();
  }

  /// From the case's own files, else the vocabulary that we carry.
  private Optional<Tokenizer> tokenizer(Arena arena) {
    Map<String, Integer> added = new HashMap<>();
    Settings specials = expected.section("special_tokens");
    specials.keys().forEach(text -> added.put(text, specials.integer(text)));
    Optional<Tokenizer> own =
        TokenizerFiles.find(
            scheme(),
            files,
            Integer.MAX_VALUE,
            added,
            EndTokens.of(Set.of()),
            OptionalInt.empty(),
            arena);
    if (own.isEmpty()
        && scheme() == BytePairScheme.GPT2
        && expected.integer("n_vocab", 0) == R50K) {
      return Optional.of(BytePairTokenizer.r50kBase());
    }
    return own;
  }

  /// Only Qwen2's kind states how it splits.
  private BytePairScheme scheme() {
    return expected.has("split_regex") ? BytePairScheme.QWEN2 : BytePairScheme.GPT2;
  }

  private void compare(Tokenizer tokenizer) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      int[] ids = tokenizer.encode(entry.text());
      comparison.checkExactly("ids " + i, ids, toArray(entry.ids()));
      comparison.checkExactly(
          "ids_special_allowed " + i,
          tokenizer.encodeWithSpecials(entry.text()),
          toArray(entry.special()));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      Arrays.stream(ids).forEach(id -> bytes.writeBytes(tokenizer.bytes(id)));
      comparison.checkExactly(
          "decoded " + i,
          toInts(bytes.toByteArray()),
          toInts(scheme().normalise(entry.text()).getBytes(StandardCharsets.UTF_8)));
    }
  }

  /// Where a text has as many ids as pieces, each piece is one token: equal pieces have equal ids
  /// in all texts, different ones different ids. No text has fewer ids than pieces.
  private void compareSplits() {
    Map<String, Integer> idOfPiece = new HashMap<>();
    for (Entry entry : entries) {
      List<String> pieces = scheme().pieces(entry.text());
      if (pieces.size() == entry.ids().size()) {
        for (int i = 0; i < pieces.size(); i++) {
          idOfPiece.putIfAbsent(pieces.get(i), entry.ids().get(i));
        }
      }
    }
    boolean distinct = new HashSet<>(idOfPiece.values()).size() == idOfPiece.size();
    comparison.checkExactly(
        "pieces with ids of their own (no vocabulary in the case)",
        new int[] {distinct ? 1 : 0},
        new int[] {1});
    for (int i = 0; i < entries.size(); i++) {
      comparison.checkExactly(
          "split " + i, new int[] {contradictions(entries.get(i), idOfPiece)}, new int[] {0});
    }
  }

  /// How many known pieces of a text are not where the ids have them: read from the front up to the
  /// first unknown piece, and from the back likewise.
  private int contradictions(Entry entry, Map<String, Integer> idOfPiece) {
    List<String> pieces = scheme().pieces(entry.text());
    int surplus = entry.ids().size() - pieces.size();
    if (surplus < 0) {
      return -surplus;
    }
    int wrong = 0;
    int front = 0;
    for (; front < pieces.size() && idOfPiece.containsKey(pieces.get(front)); front++) {
      wrong += entry.ids().get(front).equals(idOfPiece.get(pieces.get(front))) ? 0 : 1;
    }
    for (int back = pieces.size() - 1;
        back > front && idOfPiece.containsKey(pieces.get(back));
        back--) {
      wrong += entry.ids().get(back + surplus).equals(idOfPiece.get(pieces.get(back))) ? 0 : 1;
    }
    return wrong;
  }

  private static int[] toInts(byte[] bytes) {
    int[] values = new int[bytes.length];
    Arrays.setAll(values, i -> bytes[i]);
    return values;
  }

  private static int[] toArray(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
