package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Task;

/// The published sizes, and who the extensions for them are.
final class WhisperSizes {
  /// A window's buffers, keys and values, at the size of `base`.
  private static final long WINDOW_BYTES = 96L << 20;

  /// Bytes and special tokens: needs no vocabulary file.
  private static final int SMALL_VOCAB = 1864;

  /// Configurations by size; `small` is one for tests, `full` the default.
  static final Map<String, Map<String, Object>> ALL = all();

  private WhisperSizes() {}

  static ModelInfo info(String id, String title, boolean lowResource, List<String> fallbacks) {
    return new ModelInfo(
        id,
        title,
        Set.of(Task.TRANSCRIPTION),
        new Needs(true, WINDOW_BYTES, false, lowResource),
        fallbacks);
  }

  /// Configurations of a model of one size.
  static Map<String, Map<String, Object>> of(String size) {
    String key = size.equals("small") ? "whisper-small" : size;
    return Map.of("small", requireNonNull(ALL.get("small")), "full", requireNonNull(ALL.get(key)));
  }

  private static Map<String, Map<String, Object>> all() {
    Map<String, Map<String, Object>> sizes = new LinkedHashMap<>();
    sizes.put("small", config(64, 2, 2, 2, 80, SMALL_VOCAB));
    sizes.put("full", config(512, 6, 6, 8, 80, 51_865));
    sizes.put("tiny", config(384, 4, 4, 6, 80, 51_865));
    sizes.put("base", config(512, 6, 6, 8, 80, 51_865));
    sizes.put("whisper-small", config(768, 12, 12, 12, 80, 51_865));
    sizes.put("medium", config(1024, 24, 24, 16, 80, 51_865));
    sizes.put("large-v2", config(1280, 32, 32, 20, 80, 51_865));
    sizes.put("large-v3", config(1280, 32, 32, 20, 128, 51_866));
    sizes.put("large-v3-turbo", config(1280, 32, 4, 20, 128, 51_866));
    return sizes;
  }

  private static Map<String, Object> config(
      int hidden, int audioLayers, int textLayers, int heads, int mels, int vocab) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "whisper");
    config.put("d_model", hidden);
    config.put("encoder_layers", audioLayers);
    config.put("decoder_layers", textLayers);
    config.put("encoder_attention_heads", heads);
    config.put("decoder_attention_heads", heads);
    config.put("encoder_ffn_dim", 4 * hidden);
    config.put("decoder_ffn_dim", 4 * hidden);
    config.put("num_mel_bins", mels);
    config.put("vocab_size", vocab);
    config.put("max_source_positions", 1500);
    config.put("max_target_positions", 448);
    return config;
  }
}
