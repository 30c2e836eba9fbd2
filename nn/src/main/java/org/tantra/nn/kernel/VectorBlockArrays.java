package org.tantra.nn.kernel;

import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.DType;

/// Products of one token with blocks that lie in a Java array, where a load costs less than one
/// from foreign memory, which asks each time whether that memory is still there.
///
/// The results are those of [VectorBlocks], bit for bit.
final class VectorBlockArrays {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I32 = VectorSpecies.of(int.class, F32.vectorShape());
  private static final int L = F32.length();
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, L * 8)));

  private static final VarHandle HALF =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int UNIT = VectorBlocks.UNIT;
  private static final int Q8_0_BYTES = DType.Q8_0.blockBytes();
  private static final int Q4_0_BYTES = DType.Q4_0.blockBytes();

  private VectorBlockArrays() {}

  /// As [Kernels#rowProducts] for one token.
  ///
  /// @param wAt where the weight begins
  /// @param blocks of a row
  static void rowsQ8(
      float[] out, int outAt, float[] x, int xAt, int blocks, byte[] w, int wAt, int from, int to) {
    int rowBytes = blocks * Q8_0_BYTES;
    int r = from;
    for (; r + 2 <= to; r += 2) {
      int w0 = wAt + r * rowBytes;
      int w1 = w0 + rowBytes;
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = FloatVector.zero(F32);
      for (int b = 0; b < blocks; b++) {
        int c = xAt + b * UNIT;
        int at = b * Q8_0_BYTES;
        s0 = addQ8(s0, w, w0 + at, x, c);
        s1 = addQ8(s1, w, w1 + at, x, c);
      }
      out[outAt + r] += VectorKernels.sum(s0);
      out[outAt + r + 1] += VectorKernels.sum(s1);
    }
    if (r < to) {
      out[outAt + r] += rowQ8(x, xAt, blocks, w, wAt + r * rowBytes);
    }
  }

  private static float rowQ8(float[] x, int xAt, int blocks, byte[] w, int at) {
    FloatVector sum = FloatVector.zero(F32);
    for (int b = 0; b < blocks; b++) {
      sum = addQ8(sum, w, at + b * Q8_0_BYTES, x, xAt + b * UNIT);
    }
    return VectorKernels.sum(sum);
  }

  /// Adds the products of one block.
  private static FloatVector addQ8(FloatVector sum, byte[] w, int at, float[] x, int c) {
    FloatVector d = scale(w, at);
    FloatVector s = q8(w, at + 2).mul(d).fma(FloatVector.fromArray(F32, x, c), sum);
    s = q8(w, at + 2 + L).mul(d).fma(FloatVector.fromArray(F32, x, c + L), s);
    if (L == 8) {
      s = q8(w, at + 18).mul(d).fma(FloatVector.fromArray(F32, x, c + 16), s);
      s = q8(w, at + 26).mul(d).fma(FloatVector.fromArray(F32, x, c + 24), s);
    }
    return s;
  }

  /// As [#rowsQ8].
  static void rowsQ4(
      float[] out, int outAt, float[] x, int xAt, int blocks, byte[] w, int wAt, int from, int to) {
    int rowBytes = blocks * Q4_0_BYTES;
    int r = from;
    for (; r + 2 <= to; r += 2) {
      int w0 = wAt + r * rowBytes;
      int w1 = w0 + rowBytes;
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = FloatVector.zero(F32);
      for (int b = 0; b < blocks; b++) {
        int c = xAt + b * UNIT;
        int at = b * Q4_0_BYTES;
        s0 = addQ4(s0, w, w0 + at, x, c);
        s1 = addQ4(s1, w, w1 + at, x, c);
      }
      out[outAt + r] += VectorKernels.sum(s0);
      out[outAt + r + 1] += VectorKernels.sum(s1);
    }
    if (r < to) {
      out[outAt + r] += rowQ4(x, xAt, blocks, w, wAt + r * rowBytes);
    }
  }

  private static float rowQ4(float[] x, int xAt, int blocks, byte[] w, int at) {
    FloatVector sum = FloatVector.zero(F32);
    for (int b = 0; b < blocks; b++) {
      sum = addQ4(sum, w, at + b * Q4_0_BYTES, x, xAt + b * UNIT);
    }
    return VectorKernels.sum(sum);
  }

  private static FloatVector addQ4(FloatVector sum, byte[] w, int at, float[] x, int c) {
    FloatVector d = scale(w, at);
    IntVector pairs = bytes(w, at + 2);
    if (L == 8) {
      IntVector more = bytes(w, at + 10);
      FloatVector s = low(pairs).mul(d).fma(FloatVector.fromArray(F32, x, c), sum);
      s = low(more).mul(d).fma(FloatVector.fromArray(F32, x, c + 8), s);
      s = high(pairs).mul(d).fma(FloatVector.fromArray(F32, x, c + 16), s);
      return high(more).mul(d).fma(FloatVector.fromArray(F32, x, c + 24), s);
    }
    FloatVector s = low(pairs).mul(d).fma(FloatVector.fromArray(F32, x, c), sum);
    return high(pairs).mul(d).fma(FloatVector.fromArray(F32, x, c + 16), s);
  }

  private static FloatVector scale(byte[] w, int at) {
    return FloatVector.broadcast(F32, Float.float16ToFloat((short) HALF.get(w, at)));
  }

  private static FloatVector q8(byte[] w, int at) {
    return (FloatVector) ByteVector.fromArray(BYTES, w, at).convertShape(B2F, F32, 0);
  }

  private static IntVector bytes(byte[] w, int at) {
    return (IntVector) ByteVector.fromArray(BYTES, w, at).convertShape(ZERO_EXTEND_B2I, I32, 0);
  }

  private static FloatVector low(IntVector pairs) {
    return (FloatVector) pairs.and(15).sub(8).convertShape(I2F, F32, 0);
  }

  private static FloatVector high(IntVector pairs) {
    return (FloatVector) pairs.lanewise(LSHR, 4).sub(8).convertShape(I2F, F32, 0);
  }
}
