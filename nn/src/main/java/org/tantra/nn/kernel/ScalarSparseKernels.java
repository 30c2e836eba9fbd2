package org.tantra.nn.kernel;

import org.tantra.api.tensor.TensorView;

/// The sparse kernels in plain Java: the specification of [VectorSparseKernels].
final class ScalarSparseKernels implements SparseKernels {
  @Override
  public void listedColumnProducts(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      int[] rows,
      int count,
      TensorView w,
      int from,
      int to) {
    float[] row = new float[to - from];
    for (int i = 0; i < count; i++) {
      Widening.row(w, rows[i], from, to, row);
      float factor = x[xAt + rows[i]];
      for (int c = 0; c < row.length; c++) {
        out[outAt + from + c] += factor * row[c];
      }
    }
  }
}
