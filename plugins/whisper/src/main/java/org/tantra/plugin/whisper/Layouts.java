package org.tantra.plugin.whisper;

/// Rows turned around: golden cases have log-mel as `[mels, frames]`, networks read frame by frame.
final class Layouts {
  private Layouts() {}

  /// `[rows, columns]` as `[columns, rows]`.
  static float[] transposed(float[] x, int rows, int columns) {
    float[] turned = new float[x.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        turned[c * rows + r] = x[r * columns + c];
      }
    }
    return turned;
  }
}
