package org.tantra.nn.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// Blocks of quantised weights in vector registers: widened to exactly the F32 values that
/// [org.tantra.nn.quant.Dequantizer] gives, and multiplied in the order in which [VectorKernels]
/// multiplies those. So a block type computes bit for bit what its widened weights would.
///
/// All types are read in units of 32 elements, which divide every row of whole blocks.
///
/// @see <a href="https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c">the layouts</a>
final class VectorBlocks {
  /// Elements that are widened together.
  static final int UNIT = 32;

  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I32 = VectorSpecies.of(int.class, F32.vectorShape());
  private static final int L = F32.length();

  /// As many bytes as `F32` has lanes; unused below 8, since no vector is so short.
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, L * 8)));

  private static final int Q8_0_BYTES = DType.Q8_0.blockBytes();
  private static final int Q4_0_BYTES = DType.Q4_0.blockBytes();

  /// Bytes of nibbles in a `Q4_0` block: the low ones are its first half.
  private static final int NIBBLES = 16;

  private VectorBlocks() {}

  /// Whether [#widen] reads this type.
  static boolean widens(DType dtype) {
    return L >= 8
        && switch (dtype) {
          case Q8_0, Q4_0, Q4_K, Q6_K -> true;
          default -> false;
        };
  }

  /// Whether [#rows] multiplies this type.
  static boolean multiplies(DType dtype) {
    return L >= 8 && (dtype == DType.Q8_0 || dtype == DType.Q4_0);
  }

  // ---- products with rows, one token ----

  /// As [Kernels#rowProducts] for one token.
  static void rows(float[] out, int outAt, float[] x, int xAt, TensorView w, int from, int to) {
    int blocks = Math.toIntExact(w.shape().size(1)) / UNIT;
    boolean bytes = w.dtype() == DType.Q8_0;
    if (w.memory().heapBase().orElse(null) instanceof byte[] array) {
      int wAt = Math.toIntExact(w.memory().address());
      if (bytes) {
        VectorBlockArrays.rowsQ8(out, outAt, x, xAt, blocks, array, wAt, from, to);
      } else {
        VectorBlockArrays.rowsQ4(out, outAt, x, xAt, blocks, array, wAt, from, to);
      }
    } else if (bytes) {
      rowsQ8(out, outAt, x, xAt, blocks, w.memory(), from, to);
    } else {
      rowsQ4(out, outAt, x, xAt, blocks, w.memory(), from, to);
    }
  }

  /// In one stream and with two sums, as [VectorRows] has them.
  private static void rowsQ8(
      float[] out, int outAt, float[] x, int xAt, int blocks, MemorySegment w, int from, int to) {
    long rowBytes = (long) blocks * Q8_0_BYTES;
    for (int r = from; r < to; r++) {
      FloatVector even = FloatVector.zero(F32);
      FloatVector odd = FloatVector.zero(F32);
      for (int b = 0; b < blocks; b++) {
        int c = xAt + b * UNIT;
        long at = r * rowBytes + (long) b * Q8_0_BYTES;
        FloatVector d = scale(w, at);
        even = q8(w, at + 2).mul(d).fma(FloatVector.fromArray(F32, x, c), even);
        odd = q8(w, at + 2 + L).mul(d).fma(FloatVector.fromArray(F32, x, c + L), odd);
        if (L == 8) {
          even = q8(w, at + 18).mul(d).fma(FloatVector.fromArray(F32, x, c + 16), even);
          odd = q8(w, at + 26).mul(d).fma(FloatVector.fromArray(F32, x, c + 24), odd);
        }
      }
      out[outAt + r] += VectorKernels.sum(even.add(odd));
    }
  }

  /// As [#rowsQ8].
  private static void rowsQ4(
      float[] out, int outAt, float[] x, int xAt, int blocks, MemorySegment w, int from, int to) {
    long rowBytes = (long) blocks * Q4_0_BYTES;
    for (int r = from; r < to; r++) {
      FloatVector even = FloatVector.zero(F32);
      FloatVector odd = FloatVector.zero(F32);
      for (int b = 0; b < blocks; b++) {
        int c = xAt + b * UNIT;
        long at = r * rowBytes + (long) b * Q4_0_BYTES;
        FloatVector d = scale(w, at);
        IntVector pairs = bytes(w, at + 2);
        even = low(pairs, 8).mul(d).fma(FloatVector.fromArray(F32, x, c), even);
        if (L == 8) {
          IntVector more = bytes(w, at + 10);
          odd = low(more, 8).mul(d).fma(FloatVector.fromArray(F32, x, c + 8), odd);
          even = high(pairs, 8).mul(d).fma(FloatVector.fromArray(F32, x, c + 16), even);
          odd = high(more, 8).mul(d).fma(FloatVector.fromArray(F32, x, c + 24), odd);
        } else {
          odd = high(pairs, 8).mul(d).fma(FloatVector.fromArray(F32, x, c + NIBBLES), odd);
        }
      }
      out[outAt + r] += VectorKernels.sum(even.add(odd));
    }
  }

  // ---- widening ----

  /// Writes columns `from` until `to` of one row as F32 to the front of `target`, both multiples of
  /// [#UNIT].
  static void widen(TensorView w, long row, int from, int to, float[] target) {
    MemorySegment memory = w.memory();
    long units = w.shape().size(1) / UNIT;
    long first = row * units + from / UNIT;
    long last = row * units + to / UNIT;
    int at = 0;
    for (long u = first; u < last; u++, at += UNIT) {
      switch (w.dtype()) {
        case Q8_0 -> widenQ8(memory, u * Q8_0_BYTES, target, at);
        case Q4_0 -> widenQ4(memory, u * Q4_0_BYTES, target, at);
        case Q4_K -> widenQ4K(memory, u / 8 * DType.Q4_K.blockBytes(), (int) (u % 8), target, at);
        case Q6_K -> widenQ6K(memory, u / 8 * DType.Q6_K.blockBytes(), (int) (u % 8), target, at);
        default -> throw Widening.unsupported(w);
      }
    }
  }

  private static void widenQ8(MemorySegment w, long at, float[] target, int targetAt) {
    FloatVector d = scale(w, at);
    for (int j = 0; j < UNIT; j += L) {
      store(q8(w, at + 2 + j).mul(d), target, targetAt + j);
    }
  }

  private static void widenQ4(MemorySegment w, long at, float[] target, int targetAt) {
    FloatVector d = scale(w, at);
    for (int j = 0; j < NIBBLES; j += L) {
      IntVector pairs = bytes(w, at + 2 + j);
      store(low(pairs, 8).mul(d), target, targetAt + j);
      store(high(pairs, 8).mul(d), target, targetAt + NIBBLES + j);
    }
  }

  /// Sub-block `b` of `d`, `dmin`, 12 bytes of 6-bit scales and minimums, 128 bytes of nibbles.
  private static void widenQ4K(MemorySegment w, long at, int b, float[] target, int targetAt) {
    long scales = at + 4;
    int scale;
    int minimum;
    if (b < 4) {
      scale = u8(w, scales + b) & 63;
      minimum = u8(w, scales + b + 4) & 63;
    } else {
      scale = (u8(w, scales + b + 4) & 15) | (u8(w, scales + b - 4) >> 6 << 4);
      minimum = (u8(w, scales + b + 4) >> 4) | (u8(w, scales + b) >> 6 << 4);
    }
    float d = half(w, at) * scale;
    float m = half(w, at + 2) * minimum;
    long nibbles = at + 16 + b / 2 * 32L;
    boolean even = b % 2 == 0;
    for (int j = 0; j < UNIT; j += L) {
      IntVector pairs = bytes(w, nibbles + j);
      FloatVector q = even ? low(pairs, 0) : high(pairs, 0);
      store(q.mul(d).sub(m), target, targetAt + j);
    }
  }

  /// Elements `32 b` on of 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales
  /// and `d`.
  private static void widenQ6K(MemorySegment w, long at, int b, float[] target, int targetAt) {
    int k = b % 4;
    long lows = at + b / 4 * 64L + k % 2 * 32L;
    long highs = at + 128 + b / 4 * 32L;
    float d = half(w, at + 208);
    for (int j = 0; j < UNIT; j += L) {
      IntVector nibbles = bytes(w, lows + j);
      IntVector low = k < 2 ? nibbles.and(15) : nibbles.lanewise(LSHR, 4);
      IntVector high = bytes(w, highs + j).lanewise(LSHR, 2 * k).and(3).lanewise(LSHL, 4);
      FloatVector q = (FloatVector) low.or(high).sub(32).convertShape(I2F, F32, 0);
      float scale = d * w.get(ValueLayout.JAVA_BYTE, at + 192 + 2L * b + j / 16);
      store(q.mul(scale), target, targetAt + j);
    }
  }

  // ---- loads and stores ----

  private static FloatVector q8(MemorySegment w, long at) {
    return (FloatVector)
        ByteVector.fromMemorySegment(BYTES, w, at, LITTLE_ENDIAN).convertShape(B2F, F32, 0);
  }

  private static FloatVector low(IntVector pairs, int zero) {
    return (FloatVector) pairs.and(15).sub(zero).convertShape(I2F, F32, 0);
  }

  private static FloatVector high(IntVector pairs, int zero) {
    return (FloatVector) pairs.lanewise(LSHR, 4).sub(zero).convertShape(I2F, F32, 0);
  }

  private static IntVector bytes(MemorySegment w, long at) {
    return (IntVector)
        ByteVector.fromMemorySegment(BYTES, w, at, LITTLE_ENDIAN)
            .convertShape(ZERO_EXTEND_B2I, I32, 0);
  }

  private static FloatVector scale(MemorySegment w, long at) {
    return FloatVector.broadcast(F32, half(w, at));
  }

  private static float half(MemorySegment w, long at) {
    return Float.float16ToFloat(w.get(TensorView.BITS16, at));
  }

  private static int u8(MemorySegment w, long at) {
    return w.get(ValueLayout.JAVA_BYTE, at) & 0xff;
  }

  private static void store(FloatVector v, float[] target, int at) {
    v.intoArray(target, at);
  }
}
