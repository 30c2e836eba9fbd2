package org.tantra.nn.kernel;

import org.tantra.api.tensor.TensorView;

/// Products that leave out what zeros would multiply; the promises of [Kernels] hold.
public interface SparseKernels {
  /// The kernels of this process, of the kind that [KernelChoice] made.
  static SparseKernels current() {
    return KernelChoice.current().kernels() instanceof ScalarKernels
        ? new ScalarSparseKernels()
        : new VectorSparseKernels();
  }

  /// Adds products with the columns of `w` over listed rows only: `out[c] += Σ_i x[rows[i]] ·
  /// w[rows[i]][c]` for `from <= c < to`. Other rows are not read.
  ///
  /// With all rows in the list whose `x` is not zero, in rising order, and finite weights this is
  /// [Kernels#columnProducts] of one token bit for bit, but for the sign of a zero.
  ///
  /// @param out sums, column `c` at `outAt + c`
  /// @param x factors, row `r` at `xAt + r`
  /// @param rows the first `count` of them
  /// @throws UnsupportedOperationException if the dtype is not F32, F16 or BF16
  void listedColumnProducts(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      int[] rows,
      int count,
      TensorView w,
      int from,
      int to);
}
