package org.tantra.nn.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// [Widening] with vectors, where there is a faster way.
final class VectorWidening {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;

  private VectorWidening() {}

  /// Columns `from` until `to` of one row, into the front of `out`.
  static void row(TensorView w, int row, int from, int to, float[] out) {
    if (w.dtype() == DType.F16 || w.dtype() == DType.BF16) {
      row16(w, row, from, to, out);
    } else if (VectorBlocks.widens(w.dtype())
        && from % VectorBlocks.UNIT == 0
        && to % VectorBlocks.UNIT == 0) {
      VectorBlocks.widen(w, row, from, to, out);
    } else {
      Widening.row(w, row, from, to, out);
    }
  }

  private static void row16(TensorView w, int row, int from, int to, float[] out) {
    boolean brain = w.dtype() == DType.BF16;
    long first = (row * w.shape().size(1) + from) * 2;
    int count = to - from;
    int bound = F32.loopBound(count);
    if (brain) {
      for (int i = 0; i < bound; i += F32.length()) {
        VectorKernels.bf16(w.memory(), first + i * 2L).intoArray(out, i);
      }
    } else {
      for (int i = 0; i < bound; i += F32.length()) {
        VectorKernels.f16(w.memory(), first + i * 2L).intoArray(out, i);
      }
    }
    for (int i = bound; i < count; i++) {
      out[i] = VectorKernels.widened(w.memory(), first + i * 2L, brain);
    }
  }
}
