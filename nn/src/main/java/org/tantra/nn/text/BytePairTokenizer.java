package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import com.knuddels.jtokkit.api.IntArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// Byte-level byte-pair encoding as GPT-2 began it, computed by jtokkit. Immutable; safe from any
/// thread.
///
/// jtokkit merges in the order of its own token numbers. Here these are ranks (bytes first, then
/// merges in the order of `merges.txt`), which a table turns into the ids of `vocab.json`.
public final class BytePairTokenizer implements Tokenizer {
  private static final int R50K_END = 50256;

  private final BytePairScheme scheme;
  private final Encoding encoding;
  private final int[] idOfRank;
  private final int[] rankOfId;
  private final Map<String, Integer> specials;
  private final @Nullable Pattern anySpecial;
  private final Set<Integer> endIds;
  private final OptionalInt startId;

  private BytePairTokenizer(
      BytePairScheme scheme,
      Encoding encoding,
      int[] idOfRank,
      int vocab,
      Map<String, Integer> specials,
      Set<Integer> endIds,
      OptionalInt startId) {
    this.scheme = scheme;
    this.encoding = encoding;
    this.idOfRank = idOfRank;
    this.rankOfId = new int[vocab];
    Arrays.fill(rankOfId, -1);
    for (int rank = 0; rank < idOfRank.length; rank++) {
      rankOfId[idOfRank[rank]] = rank;
    }
    this.specials = Map.copyOf(specials);
    this.anySpecial =
        specials.isEmpty()
            ? null
            : Pattern.compile(
                String.join(
                    "|",
                    specials.keySet().stream()
                        .sorted((a, b) -> b.length() - a.length())
                        .map(Pattern::quote)
                        .toList()));
    this.endIds = Set.copyOf(endIds);
    this.startId = startId;
  }

  /// GPT-2's published vocabulary `r50k_base`, 50 257 ids, from inside the jtokkit jar. The end of
  /// text also begins one.
  public static BytePairTokenizer r50kBase() {
    return R50k.TOKENIZER;
  }

  /// Read on first use, once per process: it takes some tens of milliseconds.
  private static final class R50k {
    static final BytePairTokenizer TOKENIZER = read();

    private static BytePairTokenizer read() {
      Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
      int[] identity = new int[R50K_END];
      Arrays.setAll(identity, rank -> rank);
      return new BytePairTokenizer(
          BytePairScheme.GPT2,
          encoding,
          identity,
          R50K_END + 1,
          Map.of("<|endoftext|>", R50K_END),
          Set.of(R50K_END),
          OptionalInt.of(R50K_END));
    }
  }

  /// A vocabulary in the two files that GPT-2 checkpoints carry.
  ///
  /// Entries of `vocab` that are neither a byte nor the result of a merge are special tokens.
  ///
  /// @param vocab `vocab.json`: tokens in GPT-2's printable spelling of bytes, with their ids
  /// @param merges lines of `merges.txt`: two tokens with a space between, most important first; a
  ///   first line beginning with `#version` is skipped
  /// @param endIds ids that end a text
  /// @param startId id that begins a text, if there is one
  /// @throws TantraException `CORRUPT` if a byte has no id, or a merge names or makes a token that
  ///   has none
  public static BytePairTokenizer of(
      Settings vocab, List<String> merges, Set<Integer> endIds, OptionalInt startId) {
    return of(BytePairScheme.GPT2, vocab, merges, Map.of(), endIds, startId);
  }

  /// As [#of(Settings, List, Set, OptionalInt)], of another kind and with special tokens that are
  /// told apart from the vocabulary.
  ///
  /// @param added further special tokens by their text
  /// @throws TantraException `CORRUPT` as there, or if an added token has the id of another one
  public static BytePairTokenizer of(
      BytePairScheme scheme,
      Settings vocab,
      List<String> merges,
      Map<String, Integer> added,
      Set<Integer> endIds,
      OptionalInt startId) {
    requireNonNull(merges, "merges");
    BytePairVocabulary files = BytePairVocabulary.read(vocab, merges, added);
    EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
    registry.registerGptBytePairEncoding(
        new GptBytePairEncodingParams(vocab.origin(), scheme.split(), files.ranks(), Map.of()));
    return new BytePairTokenizer(
        scheme,
        registry.getEncoding(vocab.origin()).orElseThrow(),
        files.idOfRank(),
        files.vocab(),
        files.specials(),
        endIds,
        startId);
  }

  /// A vocabulary as a list of tokens in the order in which merging prefers them, the bytes first:
  /// tiktoken's rank files. A token's id is its place; an empty one has an id, and no text gives
  /// it.
  ///
  /// @param origin what messages call the list
  /// @throws TantraException `CORRUPT` if a byte is missing, or a token is there twice
  public static BytePairTokenizer ofRanks(
      BytePairScheme scheme, String origin, List<byte[]> tokens) {
    IdentityHashMap<byte[], Integer> ranks = new IdentityHashMap<>();
    int[] idOfRank = new int[tokens.size()];
    Set<String> seen = new HashSet<>();
    for (int id = 0; id < tokens.size(); id++) {
      byte[] token = tokens.get(id);
      if (token.length > 0) {
        if (!seen.add(new String(token, ISO_8859_1))) {
          throw corrupt(origin + " has the token with id " + id + " twice");
        }
        idOfRank[ranks.size()] = id;
        ranks.put(token, ranks.size());
      }
    }
    for (int value = 0; value < 256; value++) {
      if (!seen.contains(String.valueOf((char) value))) {
        throw corrupt(origin + " has no token for the byte " + value);
      }
    }
    EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
    registry.registerGptBytePairEncoding(
        new GptBytePairEncodingParams(origin, scheme.split(), ranks, Map.of()));
    return new BytePairTokenizer(
        scheme,
        registry.getEncoding(origin).orElseThrow(),
        Arrays.copyOf(idOfRank, ranks.size()),
        tokens.size(),
        Map.of(),
        Set.of(),
        OptionalInt.empty());
  }

  private static TantraException corrupt(String what) {
    return new TantraException(ErrorKind.CORRUPT, what + ". Fetch the vocabulary again.");
  }

  @Override
  public int vocab() {
    return rankOfId.length;
  }

  @Override
  public int[] encode(String text) {
    int[] ids = encoding.encodeOrdinary(scheme.normalise(text)).toArray();
    for (int i = 0; i < ids.length; i++) {
      ids[i] = idOfRank[ids[i]];
    }
    return ids;
  }

  @Override
  public int[] encodeWithSpecials(String text) {
    if (anySpecial == null) {
      return encode(text);
    }
    IntArrayList ids = new IntArrayList();
    int[] from = {0};
    anySpecial
        .matcher(text)
        .results()
        .forEach(
            special -> {
              addAll(ids, encode(text.substring(from[0], special.start())));
              ids.add(requireNonNull(specials.get(special.group())));
              from[0] = special.end();
            });
    addAll(ids, encode(text.substring(from[0])));
    return ids.toArray();
  }

  private static void addAll(IntArrayList ids, int[] more) {
    for (int id : more) {
      ids.add(id);
    }
  }

  @Override
  public byte[] bytes(int id) {
    if (id < 0 || id >= rankOfId.length || rankOfId[id] < 0) {
      return new byte[0];
    }
    IntArrayList one = new IntArrayList(1);
    one.add(rankOfId[id]);
    return encoding.decodeBytes(one);
  }

  @Override
  public Set<Integer> endIds() {
    return endIds;
  }

  @Override
  public OptionalInt startId() {
    return startId;
  }
}
