package org.tantra.nn.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// The vocabulary that a GGUF file of llama.cpp carries, as a `tokenizer.json` would tell it.
///
/// Byte pairs are read (`tokenizer.ggml.model` is `gpt2`), split as GPT-2 or Qwen2 split. Tokens of
/// the types control, unknown and unused are special, those of the user are added ones.
///
/// @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">gguf.md</a>
record GgufVocabulary(Settings attributes) {
  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final int NORMAL = 1;
  private static final int OF_THE_USER = 4;

  /// Names of `tokenizer.ggml.pre` that split as GPT-2 does, the empty one of old files among them.
  private static final Set<String> LIKE_GPT2 =
      Set.of("", "default", "gpt-2", "gpt2", "gpt-neox", "jais", "mpt", "olmo", "phi-2");

  private static final Set<String> LIKE_QWEN2 = Set.of("qwen2", "deepseek-r1-qwen");

  private static final Map<String, Object> BYTES =
      Map.of(
          "type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", false);

  /// @param attributes of a weight file; nothing if they have no vocabulary
  static Optional<GgufVocabulary> of(Settings attributes) {
    return attributes.has(TOKENS) ? Optional.of(new GgufVocabulary(attributes)) : Optional.empty();
  }

  /// How texts are split.
  ///
  /// @throws TantraException `UNSUPPORTED` if this is no vocabulary of byte pairs, or split in
  ///   another way
  BytePairScheme scheme() {
    String kind = attributes.text("tokenizer.ggml.model", "");
    String split = attributes.text("tokenizer.ggml.pre", "");
    if (kind.equals("gpt2") && LIKE_GPT2.contains(split)) {
      return BytePairScheme.GPT2;
    }
    if (kind.equals("gpt2") && LIKE_QWEN2.contains(split)) {
      return BytePairScheme.QWEN2;
    }
    throw new TantraException(
        ErrorKind.UNSUPPORTED,
        "%s has a vocabulary of the kind '%s', split as '%s', which is not known here."
            .formatted(attributes.origin(), kind, split));
  }

  /// Tokens with their ids; no key is there twice.
  Settings ids() {
    Map<String, Object> ids = new LinkedHashMap<>();
    for (String token : attributes.texts(TOKENS)) {
      if (ids.putIfAbsent(token, ids.size()) != null) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "%s has the token '%s' twice.".formatted(attributes.origin(), token));
      }
    }
    return Settings.of(attributes.origin(), ids);
  }

  /// Pairs that are merged, the most important first.
  List<String> merges() {
    return attributes.texts("tokenizer.ggml.merges");
  }

  /// The same in the words of a `tokenizer.json`.
  Settings json() {
    BytePairScheme scheme = scheme();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("added_tokens", added());
    if (scheme == BytePairScheme.QWEN2) {
      json.put("normalizer", Map.of("type", "NFC"));
    }
    json.put("pre_tokenizer", splitAndBytes(scheme));
    json.put("decoder", BYTES);
    json.put("model", Map.of("type", "BPE", "vocab", ids().asMap(), "merges", merges()));
    return Settings.of(attributes.origin(), json);
  }

  private static Map<String, Object> splitAndBytes(BytePairScheme scheme) {
    Map<String, Object> split =
        Map.of(
            "type",
            "Split",
            "pattern",
            Map.of("Regex", scheme.oniguruma()),
            "behavior",
            "Isolated",
            "invert",
            false);
    return Map.of("type", "Sequence", "pretokenizers", List.of(split, BYTES));
  }

  private List<Map<String, Object>> added() {
    List<String> tokens = attributes.texts(TOKENS);
    List<Integer> types = attributes.integers("tokenizer.ggml.token_type");
    int end = attributes.integer("tokenizer.ggml.eos_token_id", -1);
    int start = attributes.integer("tokenizer.ggml.bos_token_id", -1);
    List<Map<String, Object>> added = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      int type = id < types.size() ? types.get(id) : NORMAL;
      boolean special = id == end || id == start || (type != NORMAL && type != OF_THE_USER);
      if (special || type == OF_THE_USER) {
        added.add(Map.of("id", id, "content", tokens.get(id), "special", special));
      }
    }
    return added;
  }
}
