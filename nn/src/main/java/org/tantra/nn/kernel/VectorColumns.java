package org.tantra.nn.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.TensorView;

/// Products of one token with columns: each lane is a column, sums run down the rows.
final class VectorColumns {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();

  /// Rows of blocks that are widened together.
  private static final int ROW_BAND = 16;

  private VectorColumns() {}

  static void columns(
      float[] out, int outAt, float[] x, int xAt, TensorView w, int rows, int from, int to) {
    int width = Math.toIntExact(w.shape().size(1));
    MemorySegment memory = w.memory();
    switch (w.dtype()) {
      case F32 -> columnsF32(out, outAt, x, xAt, memory, width, rows, from, to);
      case F16 -> columns16(out, outAt, x, xAt, memory, false, width, rows, from, to);
      case BF16 -> columns16(out, outAt, x, xAt, memory, true, width, rows, from, to);
      default -> throw Widening.unsupported(w);
    }
  }

  /// One token: four rows at a time, each read from left to right, sums kept in `out`.
  private static void columnsF32(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      MemorySegment w,
      int width,
      int rows,
      int from,
      int to) {
    int bound = from + F32.loopBound(to - from);
    long rowBytes = width * 4L;
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      float x0 = x[xAt + r];
      float x1 = x[xAt + r + 1];
      float x2 = x[xAt + r + 2];
      float x3 = x[xAt + r + 3];
      FloatVector v0 = FloatVector.broadcast(F32, x0);
      FloatVector v1 = FloatVector.broadcast(F32, x1);
      FloatVector v2 = FloatVector.broadcast(F32, x2);
      FloatVector v3 = FloatVector.broadcast(F32, x3);
      long w0 = r * rowBytes;
      long w1 = w0 + rowBytes;
      long w2 = w1 + rowBytes;
      long w3 = w2 + rowBytes;
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
    for (; r < rows; r++) {
      float x0 = x[xAt + r];
      FloatVector v0 = FloatVector.broadcast(F32, x0);
      long w0 = r * rowBytes;
      for (int c = from; c < bound; c += L) {
        VectorKernels.f32(w, w0 + c * 4L)
            .fma(v0, FloatVector.fromArray(F32, out, outAt + c))
            .intoArray(out, outAt + c);
      }
      for (int c = bound; c < to; c++) {
        out[outAt + c] = Math.fma(x0, w.get(TensorView.F32, w0 + c * 4L), out[outAt + c]);
      }
    }
  }

  /// One token, 16-bit weights, one row after the other.
  private static void columns16(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      MemorySegment w,
      boolean brain,
      int width,
      int rows,
      int from,
      int to) {
    for (int r = 0; r < rows; r++) {
      addRow16(out, outAt, x[xAt + r], w, r * (width * 2L), brain, from, to);
    }
  }

  /// Adds one row of 16-bit weights times a factor. Each kind has a loop of its own: in one that
  /// chose between them the compiler would not keep vectors in registers once it has seen both.
  ///
  /// @param row byte offset of the row
  static void addRow16(
      float[] out,
      int outAt,
      float factor,
      MemorySegment w,
      long row,
      boolean brain,
      int from,
      int to) {
    int bound = from + F32.loopBound(to - from);
    if (brain) {
      addBf16(out, outAt, factor, w, row, from, bound);
    } else {
      addF16(out, outAt, factor, w, row, from, bound);
    }
    for (int c = bound; c < to; c++) {
      float value = VectorKernels.widened(w, row + c * 2L, brain);
      out[outAt + c] = Math.fma(factor, value, out[outAt + c]);
    }
  }

  private static void addBf16(
      float[] out, int outAt, float factor, MemorySegment w, long row, int from, int bound) {
    FloatVector v = FloatVector.broadcast(F32, factor);
    for (int c = from; c < bound; c += L) {
      VectorKernels.bf16(w, row + c * 2L)
          .fma(v, FloatVector.fromArray(F32, out, outAt + c))
          .intoArray(out, outAt + c);
    }
  }

  private static void addF16(
      float[] out, int outAt, float factor, MemorySegment w, long row, int from, int bound) {
    FloatVector v = FloatVector.broadcast(F32, factor);
    for (int c = from; c < bound; c += L) {
      VectorKernels.f16(w, row + c * 2L)
          .fma(v, FloatVector.fromArray(F32, out, outAt + c))
          .intoArray(out, outAt + c);
    }
  }

  /// Block types: a few rows are widened, then every token goes over them while they are in the
  /// cache. `from` and `to` are multiples of [VectorBlocks#UNIT].
  static void panels(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int rows = Math.toIntExact(w.shape().size(0));
    int width = to - from;
    float[] row = new float[width];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment panel = arena.allocate((long) ROW_BAND * width * 4, 64);
      for (int first = 0; first < rows; first += ROW_BAND) {
        int count = Math.min(ROW_BAND, rows - first);
        for (int r = 0; r < count; r++) {
          VectorWidening.row(w, first + r, from, to, row);
          MemorySegment.copy(row, 0, panel, TensorView.F32, (long) r * width * 4, width);
        }
        for (int t = 0; t < tokens; t++) {
          columnsF32(out, t * outStride + from, x, t * rows + first, panel, width, count, 0, width);
        }
      }
    }
  }
}
