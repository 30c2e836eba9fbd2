package org.tantra.nn.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.TensorView;

/// The sparse kernels with the Vector API: the loops of [VectorKernels] for one token, over a list
/// of rows.
final class VectorSparseKernels implements SparseKernels {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();

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
    int width = Math.toIntExact(w.shape().size(1));
    MemorySegment memory = w.memory();
    switch (w.dtype()) {
      case F32 -> columnsF32(out, outAt, x, xAt, rows, count, memory, width, from, to);
      case F16 -> columns16(out, outAt, x, xAt, rows, count, memory, false, width, from, to);
      case BF16 -> columns16(out, outAt, x, xAt, rows, count, memory, true, width, from, to);
      default -> throw Widening.unsupported(w);
    }
  }

  /// Four rows at a time, so that sums are loaded and stored a quarter as often.
  private static void columnsF32(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      int[] rows,
      int count,
      MemorySegment w,
      int width,
      int from,
      int to) {
    int bound = from + F32.loopBound(to - from);
    long rowBytes = width * 4L;
    int i = 0;
    for (; i + 4 <= count; i += 4) {
      float x0 = x[xAt + rows[i]];
      float x1 = x[xAt + rows[i + 1]];
      float x2 = x[xAt + rows[i + 2]];
      float x3 = x[xAt + rows[i + 3]];
      FloatVector v0 = FloatVector.broadcast(F32, x0);
      FloatVector v1 = FloatVector.broadcast(F32, x1);
      FloatVector v2 = FloatVector.broadcast(F32, x2);
      FloatVector v3 = FloatVector.broadcast(F32, x3);
      long w0 = rows[i] * rowBytes;
      long w1 = rows[i + 1] * rowBytes;
      long w2 = rows[i + 2] * rowBytes;
      long w3 = rows[i + 3] * rowBytes;
      for (int c = from; c < bound; c += L) {
        FloatVector sum = FloatVector.fromArray(F32, out, outAt + c);
        sum = VectorKernels.f32(w, w0 + c * 4L).fma(v0, sum);
        sum = VectorKernels.f32(w, w1 + c * 4L).fma(v1, sum);
        sum = VectorKernels.f32(w, w2 + c * 4L).fma(v2, sum);
        sum = VectorKernels.f32(w, w3 + c * 4L).fma(v3, sum);
        sum.intoArray(out, outAt + c);
      }
      for (int c = bound; c < to; c++) {
        float sum = out[outAt + c];
        sum = Math.fma(x0, w.get(TensorView.F32, w0 + c * 4L), sum);
        sum = Math.fma(x1, w.get(TensorView.F32, w1 + c * 4L), sum);
        sum = Math.fma(x2, w.get(TensorView.F32, w2 + c * 4L), sum);
        out[outAt + c] = Math.fma(x3, w.get(TensorView.F32, w3 + c * 4L), sum);
      }
    }
    for (; i < count; i++) {
      float factor = x[xAt + rows[i]];
      FloatVector v = FloatVector.broadcast(F32, factor);
      long row = rows[i] * rowBytes;
      for (int c = from; c < bound; c += L) {
        VectorKernels.f32(w, row + c * 4L)
            .fma(v, FloatVector.fromArray(F32, out, outAt + c))
            .intoArray(out, outAt + c);
      }
      for (int c = bound; c < to; c++) {
        out[outAt + c] = Math.fma(factor, w.get(TensorView.F32, row + c * 4L), out[outAt + c]);
      }
    }
  }

  private static void columns16(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      int[] rows,
      int count,
      MemorySegment w,
      boolean brain,
      int width,
      int from,
      int to) {
    for (int i = 0; i < count; i++) {
      long row = rows[i] * (width * 2L);
      VectorColumns.addRow16(out, outAt, x[xAt + rows[i]], w, row, brain, from, to);
    }
  }
}
