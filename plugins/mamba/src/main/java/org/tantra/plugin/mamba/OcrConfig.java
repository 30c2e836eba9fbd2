package org.tantra.plugin.mamba;

import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;

/// The sizes of `ocr_native`.
///
/// @param vocab classes of the head; 0 is the blank of CTC, any other a code point
/// @param layers each of one mixer forwards and one backwards
/// @param lineHeight to which a line is scaled, in pixels
/// @param columnWidth pixels of one step along the line
/// @param maximumColumns longest line, in steps
record OcrConfig(
    int vocab,
    int hidden,
    int layers,
    MixerConfig.Selective mixer,
    int lineHeight,
    int columnWidth,
    int maximumColumns,
    double epsilon) {

  /// @throws org.tantra.api.TantraException `CORRUPT` if a size cannot be
  static OcrConfig of(Settings json) {
    int hidden = size(json, "d_model", 512);
    return new OcrConfig(
        size(json, "vocab_size", 50000),
        hidden,
        size(json, "n_layers", 12),
        SelectiveSizes.of(json, hidden),
        size(json, "line_height", 32),
        size(json, "column_width", 4),
        size(json, "max_seq_len", 2048),
        json.number("layer_norm_epsilon", 1e-5));
  }

  private static int size(Settings json, String key, int otherwise) {
    int size = json.integer(key, otherwise);
    ConfigFile.requireSize(key, size);
    return size;
  }

  /// Pixels of one column.
  int columnPixels() {
    return lineHeight * columnWidth;
  }
}
