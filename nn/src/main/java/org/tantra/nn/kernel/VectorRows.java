package org.tantra.nn.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.TensorView;

/// Products of one token with rows of F32 and 16-bit weights.
///
/// One row after the other, so that memory is read in one stream, which is what the CPU fetches
/// ahead; rows read side by side reach as little as a fifth of the speed once the weights are
/// larger than the cache. Two sums a row, of the vectors at even and at odd places, hide part of
/// the latency of a multiply-add.
final class VectorRows {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();
  private static final int PAIR = 2 * L;

  private VectorRows() {}

  /// As [Kernels#rowProducts] for one token, weights in F32, F16 or BF16.
  static void rows(float[] out, int outAt, float[] x, int xAt, TensorView w, int from, int to) {
    int columns = Math.toIntExact(w.shape().size(1));
    switch (w.dtype()) {
      case F32 -> rowsF32(out, outAt, x, xAt, columns, w.memory(), from, to);
      case F16 -> rowsF16(out, outAt, x, xAt, columns, w.memory(), from, to);
      case BF16 -> rowsBf16(out, outAt, x, xAt, columns, w.memory(), from, to);
      default -> throw Widening.unsupported(w);
    }
  }

  private static void rowsF32(
      float[] out, int outAt, float[] x, int xAt, int columns, MemorySegment w, int from, int to) {
    int pairs = columns - columns % PAIR;
    int bound = F32.loopBound(columns);
    for (int r = from; r < to; r++) {
      long row = r * (columns * 4L);
      FloatVector even = FloatVector.zero(F32);
      FloatVector odd = FloatVector.zero(F32);
      for (int c = 0; c < pairs; c += PAIR) {
        long at = row + c * 4L;
        even = VectorKernels.f32(w, at).fma(FloatVector.fromArray(F32, x, xAt + c), even);
        odd =
            VectorKernels.f32(w, at + L * 4L).fma(FloatVector.fromArray(F32, x, xAt + c + L), odd);
      }
      if (pairs < bound) {
        FloatVector last = FloatVector.fromArray(F32, x, xAt + pairs);
        even = VectorKernels.f32(w, row + pairs * 4L).fma(last, even);
      }
      float tail = 0;
      for (int c = bound; c < columns; c++) {
        tail = Math.fma(x[xAt + c], w.get(TensorView.F32, row + c * 4L), tail);
      }
      out[outAt + r] += VectorKernels.sum(even.add(odd)) + tail;
    }
  }

  private static void rowsBf16(
      float[] out, int outAt, float[] x, int xAt, int columns, MemorySegment w, int from, int to) {
    int pairs = columns - columns % PAIR;
    int bound = F32.loopBound(columns);
    for (int r = from; r < to; r++) {
      long row = r * (columns * 2L);
      FloatVector even = FloatVector.zero(F32);
      FloatVector odd = FloatVector.zero(F32);
      for (int c = 0; c < pairs; c += PAIR) {
        long at = row + c * 2L;
        even = VectorKernels.bf16(w, at).fma(FloatVector.fromArray(F32, x, xAt + c), even);
        odd =
            VectorKernels.bf16(w, at + L * 2L).fma(FloatVector.fromArray(F32, x, xAt + c + L), odd);
      }
      if (pairs < bound) {
        FloatVector last = FloatVector.fromArray(F32, x, xAt + pairs);
        even = VectorKernels.bf16(w, row + pairs * 2L).fma(last, even);
      }
      out[outAt + r] +=
          VectorKernels.sum(even.add(odd)) + tail16(x, xAt, w, row, true, bound, columns);
    }
  }

  /// As [#rowsBf16]; in one method for both the compiler would give up keeping vectors in
  /// registers.
  private static void rowsF16(
      float[] out, int outAt, float[] x, int xAt, int columns, MemorySegment w, int from, int to) {
    int pairs = columns - columns % PAIR;
    int bound = F32.loopBound(columns);
    for (int r = from; r < to; r++) {
      long row = r * (columns * 2L);
      FloatVector even = FloatVector.zero(F32);
      FloatVector odd = FloatVector.zero(F32);
      for (int c = 0; c < pairs; c += PAIR) {
        long at = row + c * 2L;
        even = VectorKernels.f16(w, at).fma(FloatVector.fromArray(F32, x, xAt + c), even);
        odd =
            VectorKernels.f16(w, at + L * 2L).fma(FloatVector.fromArray(F32, x, xAt + c + L), odd);
      }
      if (pairs < bound) {
        FloatVector last = FloatVector.fromArray(F32, x, xAt + pairs);
        even = VectorKernels.f16(w, row + pairs * 2L).fma(last, even);
      }
      out[outAt + r] +=
          VectorKernels.sum(even.add(odd)) + tail16(x, xAt, w, row, false, bound, columns);
    }
  }

  private static float tail16(
      float[] x, int xAt, MemorySegment w, long row, boolean brain, int bound, int columns) {
    float tail = 0;
    for (int c = bound; c < columns; c++) {
      tail = Math.fma(x[xAt + c], VectorKernels.widened(w, row + c * 2L, brain), tail);
    }
    return tail;
  }
}
