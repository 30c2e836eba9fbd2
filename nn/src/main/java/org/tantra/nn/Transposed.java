package org.tantra.nn;

import org.tantra.api.tensor.TensorView;

/// Small weights turned around, so that kernels find side by side what they compute together.
final class Transposed {
  private Transposed() {}

  /// Copies `[rows, columns]` (further sizes of 1 are ignored) into `[columns, rows]`.
  static float[] floats(TensorView weight, int rows, int columns) {
    float[] turned = new float[Math.multiplyExact(rows, columns)];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        turned[c * rows + r] = weight.floatAt((long) r * columns + c);
      }
    }
    return turned;
  }
}
