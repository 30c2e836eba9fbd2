package org.tantra.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tantra.api.Settings;

/// The sizes that a GGUF file of llama.cpp carries, in the words of `config.json`.
///
/// The host hands a file's attributes out as its configuration if no `config.json` lies beside it;
/// `general.architecture` tells them apart.
///
/// @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">gguf.md</a>
public final class GgufConfig {
  private static final String ARCHITECTURE = "general.architecture";

  private GgufConfig() {}

  /// Whether these are the attributes of a GGUF file.
  public static boolean describes(Settings values) {
    return values.has(ARCHITECTURE);
  }

  /// The values under other names; anything else as it is.
  ///
  /// `model_type` is the architecture, `vocab_size` the number of tokens, `bos_token_id` and
  /// `eos_token_id` are those of the vocabulary. Without attributes of GGUF the values themselves.
  ///
  /// @param names `config.json` key by GGUF key without the architecture before it
  /// @throws org.tantra.api.TantraException `INVALID` if a value is of the wrong kind
  public static Settings translated(Settings values, Map<String, String> names) {
    if (!describes(values)) {
      return values;
    }
    String architecture = values.text(ARCHITECTURE);
    Map<String, Object> translated = new LinkedHashMap<>();
    translated.put("model_type", architecture);
    names.forEach((from, to) -> copy(values, architecture + "." + from, to, translated));
    copy(values, "tokenizer.ggml.bos_token_id", "bos_token_id", translated);
    copy(values, "tokenizer.ggml.eos_token_id", "eos_token_id", translated);
    int tokens = values.list("tokenizer.ggml.tokens").size();
    if (tokens > 0) {
      translated.put("vocab_size", tokens);
    }
    return Settings.of(values.origin(), translated);
  }

  private static void copy(
      Settings values, String from, String to, Map<String, Object> translated) {
    Object value = values.asMap().get(from);
    if (value != null) {
      translated.put(to, value);
    }
  }
}
