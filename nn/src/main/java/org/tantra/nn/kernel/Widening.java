package org.tantra.nn.kernel;

import java.lang.foreign.MemorySegment;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.quant.Dequantizer;

/// Weights of any supported dtype to F32.
final class Widening {
  private Widening() {}

  /// Columns `from` until `to` of one row, into the front of `out`.
  static void row(TensorView w, int row, int from, int to, float[] out) {
    MemorySegment memory = w.memory();
    long first = row * w.shape().size(1) + from;
    int count = to - from;
    switch (w.dtype()) {
      case F32 -> MemorySegment.copy(memory, TensorView.F32, first * 4, out, 0, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          out[i] = Float.float16ToFloat(memory.get(TensorView.BITS16, (first + i) * 2));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          out[i] = Float.intBitsToFloat(memory.get(TensorView.BITS16, (first + i) * 2) << 16);
        }
      }
      default -> {
        if (!Dequantizer.reads(w.dtype())) {
          throw unsupported(w);
        }
        blocks(w, first, count, out);
      }
    }
  }

  /// Elements of whole blocks or of parts of them.
  private static void blocks(TensorView w, long first, int count, float[] out) {
    int size = w.dtype().blockElements();
    float[] block = new float[size];
    for (int done = 0; done < count; ) {
      long number = (first + done) / size;
      int inside = (int) ((first + done) % size);
      int taken = Math.min(size - inside, count - done);
      long bytes = w.dtype().blockBytes();
      Dequantizer.expand(
          w.dtype(), w.memory().asSlice(number * bytes, bytes), MemorySegment.ofArray(block));
      System.arraycopy(block, inside, out, done, taken);
      done += taken;
    }
  }

  static UnsupportedOperationException unsupported(TensorView w) {
    return new UnsupportedOperationException("no kernel for " + w.dtype() + " weights");
  }
}
