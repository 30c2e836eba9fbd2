package org.tantra.plugin.longvita;

/// Learned positions of a square grid of patches, stretched to pictures of other sizes.
///
/// Bicubic as PyTorch's `interpolate`: a = -0.75, half-pixel centres, clamped border, no
/// antialiasing.
///
/// @see <a href="https://doi.org/10.1109/TASSP.1981.1163711">Keys 1981</a>
final class PositionGrid {
  private static final double A = -0.75;

  private PositionGrid() {}

  /// @param table `[side · side, hidden]` from `at` on
  /// @return `[rows · columns, hidden]`
  static float[] resized(float[] table, int at, int side, int hidden, int rows, int columns) {
    float[] resized = new float[rows * columns * hidden];
    for (int i = 0; i < rows; i++) {
      Taps down = new Taps(i, side, rows);
      for (int j = 0; j < columns; j++) {
        Taps across = new Taps(j, side, columns);
        int to = (i * columns + j) * hidden;
        for (int a = 0; a < 4; a++) {
          for (int b = 0; b < 4; b++) {
            double weight = down.weights[a] * across.weights[b];
            int from = at + (down.places[a] * side + across.places[b]) * hidden;
            for (int h = 0; h < hidden; h++) {
              resized[to + h] += (float) (weight * table[from + h]);
            }
          }
        }
      }
    }
    return resized;
  }

  /// The four places one result is made of, and how much each counts.
  private static final class Taps {
    final int[] places = new int[4];
    final double[] weights = new double[4];

    Taps(int index, int from, int to) {
      double centre = (index + 0.5) * from / to - 0.5;
      int first = (int) Math.floor(centre);
      double t = centre - first;
      for (int k = 0; k < 4; k++) {
        places[k] = Math.clamp(first - 1L + k, 0, from - 1);
        weights[k] = cubic(Math.abs(t + 1 - k));
      }
    }

    private static double cubic(double x) {
      return x <= 1
          ? ((A + 2) * x - (A + 3)) * x * x + 1
          : ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
    }
  }
}
