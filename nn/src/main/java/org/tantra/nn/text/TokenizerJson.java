package org.tantra.nn.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// A `tokenizer.json`, checked and written anew with what the native library needs and nothing
/// else.
///
/// The library ends the process over files it did not expect: so only components with known names
/// pass, regular expressions only if [PatternCost] finds them harmless, and vocabularies only with
/// ids in range. Dropped are padding, truncation and what puts tokens around a text (a text is
/// continued here, and `startId` begins it), dropout, and the decoder ([TokenDecoder]).
final class TokenizerJson {
  private static final Set<String> NORMALIZERS =
      Set.of(
          "BertNormalizer",
          "Lowercase",
          "NFC",
          "NFD",
          "NFKC",
          "NFKD",
          "Nmt",
          "Prepend",
          "Replace",
          "Strip",
          "StripAccents");

  private static final Set<String> PRE_TOKENIZERS =
      Set.of(
          "BertPreTokenizer",
          "ByteLevel",
          "CharDelimiterSplit",
          "Digits",
          "Metaspace",
          "Punctuation",
          "Split",
          "UnicodeScripts",
          "Whitespace",
          "WhitespaceSplit");

  /// What a model may have besides its vocabulary.
  private static final Set<String> MODEL_KEYS =
      Set.of(
          "unk_token",
          "unk_id",
          "end_of_word_suffix",
          "continuing_subword_prefix",
          "fuse_unk",
          "byte_fallback",
          "ignore_merges",
          "max_input_chars_per_word");

  private static final int MAXIMUM_NESTING = 4;

  private final Settings file;
  private final int limit;
  private final Settings model;
  private final String type;
  private final List<Added> added = new ArrayList<>();
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final Map<Integer, String> pieces = new HashMap<>();

  /// An entry of `added_tokens`: found in a text before it is split.
  private record Added(int id, String content, boolean special, Map<String, Object> values) {}

  private TokenizerJson(Settings file, int limit) {
    this.file = file;
    this.limit = limit;
    this.model = file.section("model");
    this.type = model.text("type", usualType());
  }

  /// @param limit the model's number of token ids
  /// @throws TantraException `CORRUPT` if the file contradicts itself or the model, `UNSUPPORTED`
  ///   if it asks for what is not known here
  static TokenizerJson of(Settings file, int limit) {
    try {
      TokenizerJson read = new TokenizerJson(file, limit);
      read.readVocabulary();
      read.readAdded();
      return read;
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      throw new TantraException(ErrorKind.CORRUPT, String.valueOf(e.getMessage()), e);
    }
  }

  /// Files from before the key existed tell their type by what they have.
  private String usualType() {
    if (model.has("merges")) {
      return "BPE";
    }
    if (model.asMap().get("vocab") instanceof List<?>) {
      return "Unigram";
    }
    return model.has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
  }

  private void readVocabulary() {
    switch (type) {
      case "BPE", "WordPiece", "WordLevel" -> {
        Settings vocab = model.section("vocab");
        vocab.keys().forEach(token -> put(token, vocab.integer(token)));
      }
      case "Unigram" -> {
        List<Object> vocab = model.list("vocab");
        for (int id = 0; id < vocab.size(); id++) {
          if (!(vocab.get(id) instanceof List<?> entry
              && entry.size() == 2
              && entry.getFirst() instanceof String piece
              && !piece.isEmpty()
              && entry.getLast() instanceof Number score
              && Double.isFinite(score.doubleValue()))) {
            throw corrupt("entry " + id + " of the vocabulary is no piece with a finite score");
          }
          put(piece, id);
        }
      }
      default -> throw unsupported("a model of type '" + type + "'");
    }
    if (ids.isEmpty()) {
      throw corrupt("the vocabulary is empty");
    }
    if (!model.text("continuing_subword_prefix", "").isEmpty() && type.equals("BPE")) {
      throw unsupported("byte-pair encoding with a prefix inside words");
    }
  }

  private void put(String token, int id) {
    if (id < 0 || id >= limit) {
      throw corrupt(
          "token '%s' has the id %d, the weights have %d tokens; the tokenizer belongs to another checkpoint"
              .formatted(shown(token), id, limit));
    }
    String before = pieces.putIfAbsent(id, token);
    if (before != null && !before.equals(token)) {
      throw corrupt(
          "id %d is given twice, to '%s' and to '%s'".formatted(id, shown(before), shown(token)));
    }
    Integer other = ids.putIfAbsent(token, id);
    if (other != null && other != id) {
      throw corrupt("token '%s' has the ids %d and %d".formatted(shown(token), other, id));
    }
  }

  private void readAdded() {
    for (Object item : file.list("added_tokens")) {
      if (!(item instanceof Map<?, ?> map)) {
        throw corrupt("'added_tokens' holds something else than objects");
      }
      Settings entry = Settings.of(file.origin(), Map.of("added_tokens", map));
      entry = entry.section("added_tokens");
      String content = entry.text("content");
      if (content.isEmpty()) {
        throw corrupt("an added token is empty");
      }
      int id = entry.integer("id");
      put(content, id);
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("id", id);
      values.put("content", content);
      for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized", "special")) {
        values.put(flag, entry.flag(flag, false));
      }
      added.add(new Added(id, content, entry.flag("special", false), values));
    }
  }

  /// One more than the largest id.
  int vocab() {
    return 1 + pieces.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
  }

  /// Tokens by id.
  Map<Integer, String> pieces() {
    return pieces;
  }

  /// Special tokens with their ids.
  Map<String, Integer> specials() {
    Map<String, Integer> specials = new HashMap<>();
    for (Added token : added) {
      if (token.special()) {
        specials.put(token.content(), token.id());
      }
    }
    return specials;
  }

  TokenDecoder decoder() {
    return TokenDecoder.of(file);
  }

  /// For the library, special tokens in a text understood.
  String withSpecials() {
    return json(added, Map.of());
  }

  /// For the library, special tokens in a text taken as any other text: they keep their ids under
  /// names that no text has.
  String plain() {
    String unique = UUID.randomUUID().toString();
    Map<String, String> renamed = new HashMap<>();
    Set<String> merged = merged();
    for (Added token : added) {
      if (token.special() && !merged.contains(token.content())) {
        renamed.put(token.content(), "special " + token.id() + " " + unique);
      }
    }
    return json(added.stream().filter(token -> !token.special()).toList(), renamed);
  }

  /// Special tokens that merges make, whose names the merges need.
  private Set<String> merged() {
    Set<String> contents = new HashSet<>();
    added.forEach(token -> contents.add(token.content()));
    Set<String> merged = new HashSet<>();
    for (List<String> merge : merges()) {
      String whole = merge.getFirst() + merge.getLast();
      if (contents.contains(whole)) {
        merged.add(whole);
      }
    }
    return merged;
  }

  private List<List<String>> merges() {
    List<List<String>> merges = new ArrayList<>();
    for (Object merge : model.list("merges")) {
      List<?> pair = merge instanceof String text ? List.of(text.split(" ", -1)) : asList(merge);
      if (pair.size() != 2
          || !(pair.getFirst() instanceof String left)
          || !(pair.getLast() instanceof String right)) {
        throw corrupt("merge " + merges.size() + " is no pair of tokens");
      }
      merges.add(List.of(left, right));
    }
    return merges;
  }

  private static List<?> asList(Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  private String json(List<Added> found, Map<String, String> renamed) {
    try {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("version", "1.0");
      json.put("added_tokens", found.stream().map(Added::values).toList());
      json.put("normalizer", component("normalizer", "normalizers", NORMALIZERS));
      json.put("pre_tokenizer", component("pre_tokenizer", "pretokenizers", PRE_TOKENIZERS));
      json.put("model", model(renamed));
      return JsonText.of(json);
    } catch (IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()));
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      throw new TantraException(ErrorKind.CORRUPT, String.valueOf(e.getMessage()), e);
    }
  }

  private Map<String, @Nullable Object> model(Map<String, String> renamed) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("type", type);
    model
        .asMap()
        .forEach(
            (key, value) -> {
              if (MODEL_KEYS.contains(key) && !value.equals("")) {
                values.put(key, value);
              }
            });
    if (values.get("unk_token") instanceof String unknown) {
      values.put("unk_token", renamed.getOrDefault(unknown, unknown));
    }
    if (type.equals("Unigram")) {
      values.put("vocab", scoredPieces(renamed));
    } else {
      Map<String, Integer> vocab = new LinkedHashMap<>();
      ids.forEach((token, id) -> vocab.put(renamed.getOrDefault(token, token), id));
      values.put("vocab", vocab);
    }
    if (type.equals("BPE")) {
      values.put("merges", merges());
    }
    return values;
  }

  /// Pieces with their scores, and behind them added tokens with the lowest.
  private List<List<Object>> scoredPieces(Map<String, String> renamed) {
    List<Object> vocab = model.list("vocab");
    List<List<Object>> scored = new ArrayList<>();
    double lowest = 0;
    for (int id = 0; id < vocab.size(); id++) {
      Object score = asList(vocab.get(id)).getLast();
      lowest = Math.min(lowest, ((Number) score).doubleValue());
      scored.add(List.of(name(id, renamed), score));
    }
    for (int id = vocab.size(); id < pieces.size(); id++) {
      if (!pieces.containsKey(id)) {
        throw corrupt("no token has the id " + id);
      }
      scored.add(List.of(name(id, renamed), lowest));
    }
    return scored;
  }

  private String name(int id, Map<String, String> renamed) {
    String piece = String.valueOf(pieces.get(id));
    return renamed.getOrDefault(piece, piece);
  }

  /// A normalizer or pre-tokenizer of known parts; null if the file has none.
  private @Nullable Object component(String key, String parts, Set<String> known) {
    Settings section = file.section(key);
    if (!section.keys().isEmpty()) {
      check(section, key, parts, known, 0);
    }
    return section.keys().isEmpty() ? null : section.asMap();
  }

  private void check(Settings part, String key, String parts, Set<String> known, int depth) {
    String name = part.text("type");
    if (name.equals("Sequence")) {
      if (depth == MAXIMUM_NESTING) {
        throw corrupt("'" + key + "' is nested too deep");
      }
      for (Object item : part.list(parts)) {
        if (!(item instanceof Map<?, ?> map)) {
          throw corrupt("'" + parts + "' holds something else than objects");
        }
        check(
            Settings.of(file.origin(), Map.of(key, map)).section(key),
            key,
            parts,
            known,
            depth + 1);
      }
    } else if (!known.contains(name)) {
      throw unsupported("the " + key + " '" + name + "'");
    } else if (part.has("pattern")) {
      checkPattern(part);
    }
  }

  private void checkPattern(Settings part) {
    Settings pattern = part.section("pattern");
    String text = pattern.text("String", "");
    String regex = pattern.text("Regex", "");
    Optional<String> refusal = regex.isEmpty() ? Optional.empty() : PatternCost.refusal(regex);
    if (text.isEmpty() == regex.isEmpty()) {
      throw corrupt("a pattern must be a text or a regular expression, and not empty");
    }
    if (refusal.isPresent()) {
      throw unsupported(
          "the regular expression '%s', which %s".formatted(shown(regex), refusal.get()));
    }
  }

  private static String shown(String text) {
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }

  private TantraException corrupt(String what) {
    return new TantraException(
        ErrorKind.CORRUPT, "%s: %s. Fetch the tokenizer again.".formatted(file.origin(), what));
  }

  private TantraException unsupported(String what) {
    return new TantraException(
        ErrorKind.UNSUPPORTED,
        "%s asks for %s, which is not known here.".formatted(file.origin(), what));
  }
}
