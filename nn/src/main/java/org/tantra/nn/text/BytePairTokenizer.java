package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.knuddels.jtokkit.Encodings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// Byte-level byte-pair encoding as GPT-2 began it. Immutable; safe from any thread.
///
/// Merging goes by ranks (bytes first, then merges in the order of `merges.txt`), which a table
/// turns into the ids of `vocab.json`.
public final class BytePairTokenizer implements Tokenizer {
  private static final int R50K_END = 50256;

  /// In the jar of jtokkit, which carries the vocabularies that OpenAI has published.
  private static final String R50K_FILE = "r50k_base.tiktoken";

  private final BytePairScheme scheme;
  private final RankTable ranks;
  private final int[] idOfRank;
  private final int[] rankOfId;
  private final Map<String, Integer> specials;
  private final @Nullable Pattern anySpecial;
  private final Set<Integer> endIds;
  private final OptionalInt startId;

  private BytePairTokenizer(
      BytePairScheme scheme,
      RankTable ranks,
      int[] idOfRank,
      int vocab,
      Map<String, Integer> specials,
      Set<Integer> endIds,
      OptionalInt startId) {
    this.scheme = scheme;
    this.ranks = ranks;
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
      RankFile file = RankFile.read(R50K_FILE, text());
      return new BytePairTokenizer(
          BytePairScheme.GPT2,
          file.ranks(),
          file.idOfRank(),
          R50K_END + 1,
          Map.of("<|endoftext|>", R50K_END),
          Set.of(R50K_END),
          OptionalInt.of(R50K_END));
    }

    private static String text() {
      try (InputStream in = Encodings.class.getResourceAsStream(R50K_FILE)) {
        return new String(requireNonNull(in, R50K_FILE).readAllBytes(), US_ASCII);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
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
    return new BytePairTokenizer(
        scheme, files.ranks(), files.idOfRank(), files.vocab(), files.specials(), endIds, startId);
  }

  /// A vocabulary in one of tiktoken's rank files: a line for each token in base 64 and its rank,
  /// in the order in which merging prefers them. A token's id is its rank; an empty one, written as
  /// `=`, has an id, and no text gives it.
  ///
  /// @param origin what messages call the file
  /// @throws TantraException `CORRUPT` if a line is no such thing, a byte is missing, or a token is
  ///   there twice
  public static BytePairTokenizer ofRanks(BytePairScheme scheme, String origin, String text) {
    RankFile file = RankFile.read(origin, text);
    return new BytePairTokenizer(
        scheme,
        file.ranks(),
        file.idOfRank(),
        file.count(),
        Map.of(),
        Set.of(),
        OptionalInt.empty());
  }

  @Override
  public int vocab() {
    return rankOfId.length;
  }

  @Override
  public int[] encode(String text) {
    IntStream.Builder ids = IntStream.builder();
    encode(text, ids);
    return ids.build().toArray();
  }

  private void encode(String text, IntStream.Builder ids) {
    Matcher pieces = scheme.split().matcher(scheme.normalise(text));
    while (pieces.find()) {
      BytePairMerger.encode(
          ranks, pieces.group().getBytes(UTF_8), rank -> ids.accept(idOfRank[rank]));
    }
  }

  @Override
  public int[] encodeWithSpecials(String text) {
    if (anySpecial == null) {
      return encode(text);
    }
    IntStream.Builder ids = IntStream.builder();
    int from = 0;
    Matcher special = anySpecial.matcher(text);
    while (special.find()) {
      encode(text.substring(from, special.start()), ids);
      ids.accept(requireNonNull(specials.get(special.group())));
      from = special.end();
    }
    encode(text.substring(from), ids);
    return ids.build().toArray();
  }

  @Override
  public byte[] bytes(int id) {
    if (id < 0 || id >= rankOfId.length || rankOfId[id] < 0) {
      return new byte[0];
    }
    return ranks.bytes(rankOfId[id]);
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
