package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Dynamic time warping: the cheapest way through a matrix from its first corner to its last, a
/// step down, right or both at a time.
///
/// @see <a href="https://doi.org/10.1109/TASSP.1978.1163055">Sakoe and Chiba 1978</a>
final class TimeWarping {
  private static final byte BOTH = 0;
  private static final byte DOWN = 1;
  private static final byte RIGHT = 2;

  private TimeWarping() {}

  /// A way, cell by cell.
  record Path(List<Integer> rows, List<Integer> columns) {}

  /// @param costs `[rows, columns]`, at least one of each
  static Path path(float[] costs, int rows, int columns) {
    float[] sums = new float[columns + 1];
    float[] above = new float[columns + 1];
    byte[] from = new byte[(rows + 1) * (columns + 1)];
    Arrays.fill(above, Float.POSITIVE_INFINITY);
    above[0] = 0;
    for (int i = 1; i <= rows; i++) {
      sums[0] = Float.POSITIVE_INFINITY;
      for (int j = 1; j <= columns; j++) {
        float both = above[j - 1];
        float down = above[j];
        float right = sums[j - 1];
        byte step = RIGHT;
        float cheapest = right;
        if (both < down && both < right) {
          step = BOTH;
          cheapest = both;
        } else if (down < both && down < right) {
          step = DOWN;
          cheapest = down;
        }
        sums[j] = costs[(i - 1) * columns + j - 1] + cheapest;
        from[i * (columns + 1) + j] = step;
      }
      float[] swapped = above;
      above = sums;
      sums = swapped;
    }
    return traced(from, rows, columns);
  }

  private static Path traced(byte[] from, int rows, int columns) {
    List<Integer> down = new ArrayList<>();
    List<Integer> right = new ArrayList<>();
    int i = rows;
    int j = columns;
    while (i > 0 || j > 0) {
      down.add(i - 1);
      right.add(j - 1);
      byte step = i == 0 ? RIGHT : j == 0 ? DOWN : from[i * (columns + 1) + j];
      i -= step == RIGHT ? 0 : 1;
      j -= step == DOWN ? 0 : 1;
    }
    return new Path(down.reversed(), right.reversed());
  }
}
