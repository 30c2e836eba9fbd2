package org.tantra.nn.kernel;

import java.lang.foreign.MemorySegment;
import org.tantra.api.tensor.TensorView;

/// Weights rounded to multiples of a scale for each group of columns, on their way from mapped
/// memory to a product.
public final class GroupRounding {
  /// Adding this to a number below 2^22 leaves no bits after the point: it rounds to an integer,
  /// ties to even. Unlike `Math.rint`, the compiler turns it into vector instructions.
  private static final float ROUND = 0x1.8p23f;

  private GroupRounding() {}

  /// `w'[r][c] = round(w[r][c] / scale) · scale` for whole rows, ties to even, not clamped; exact
  /// as long as the quotient is below 2^22.
  ///
  /// @param out F32 `[rows, columns]`, overwritten
  /// @param w `[…, columns]` in F32, F16 or BF16
  /// @param scales of all rows of `w`, `[…, groups]`; `groups` divides the columns
  /// @param first row of `w` that becomes row 0 of `out`
  public static void rows(
      MemorySegment out, TensorView w, float[] scales, int groups, int first, int rows) {
    int columns = Math.toIntExact(w.shape().size(1));
    int width = columns / groups;
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      Widening.row(w, first + r, 0, columns, row);
      for (int group = 0; group < groups; group++) {
        round(row, group * width, width, scales[(first + r) * groups + group]);
      }
      MemorySegment.copy(row, 0, out, TensorView.F32, (long) r * columns * 4, columns);
    }
  }

  private static void round(float[] row, int from, int width, float scale) {
    for (int c = from; c < from + width; c++) {
      row[c] = ((row[c] / scale + ROUND) - ROUND) * scale;
    }
  }
}
