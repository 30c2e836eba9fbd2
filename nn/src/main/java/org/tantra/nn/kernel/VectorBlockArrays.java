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
    for (int r = from; r < to; r++) {
      int row = wAt + r * rowBytes;
      FloatVector even = FloatVector.zero(F32);
      FloatVector odd = FloatVector.zero(F32);
      for (int b = 0; b < blocks; b++) {
        int c = xAt + b * UNIT;
        int at = row + b * Q8_0_BYTES;
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
  static void rowsQ4(
      float[] out, int outAt, float[] x, int xAt, int blocks, byte[] w, int wAt, int from, int to) {
    int rowBytes = blocks * Q4_0_BYTES;
    for (int r = from; r < to; r++) {
      int row = wAt + r * rowBytes;
      FloatVector even = FloatVector.zero(F32);
      FloatVector odd = FloatVector.zero(F32);
      for (int b = 0; b < blocks; b++) {
        int c = xAt + b * UNIT;
        int at = row + b * Q4_0_BYTES;
        FloatVector d = scale(w, at);
        IntVector pairs = bytes(w, at + 2);
        even = low(pairs).mul(d).fma(FloatVector.fromArray(F32, x, c), even);
        if (L == 8) {
          IntVector more = bytes(w, at + 10);
          odd = low(more).mul(d).fma(FloatVector.fromArray(F32, x, c + 8), odd);
          even = high(pairs).mul(d).fma(FloatVector.fromArray(F32, x, c + 16), even);
          odd = high(more).mul(d).fma(FloatVector.fromArray(F32, x, c + 24), odd);
        } else {
          odd = high(pairs).mul(d).fma(FloatVector.fromArray(F32, x, c + 16), odd);
        }
      }
      out[outAt + r] += VectorKernels.sum(even.add(odd));
    }
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
