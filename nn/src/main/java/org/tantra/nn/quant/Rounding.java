package org.tantra.nn.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.tantra.api.Compute;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// Rounds weights to types of fewer bits, to the nearest as ggml's reference code does.
///
/// @see <a
///   href="https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c">quantize_row_q8_0_ref
///   and quantize_row_q4_0_ref</a>
public final class Rounding {
  /// Elements with one scale.
  public static final int BLOCK = 32;

  /// Rows rounded together: what is next to each other in a transposed source comes from memory in
  /// one cache line.
  private static final int STRIP = 16;

  private Rounding() {}

  /// Rounds a whole weight.
  ///
  /// @param source F32, F16 or BF16, `[rows, columns]`, or `[columns, rows]` if `transposed`
  /// @param target BF16, Q8_0 or Q4_0, `[rows, columns]`; columns fill whole blocks
  /// @throws UnsupportedOperationException if a type is another one
  public static void round(
      TensorView source, boolean transposed, TensorView target, Compute compute) {
    int rows = Math.toIntExact(target.shape().size(0));
    int columns = Math.toIntExact(target.shape().size(1));
    int strips = Math.ceilDiv(rows, STRIP);
    int parts = Math.clamp(strips, 1, compute.threads());
    compute.parallel(
        parts,
        part -> {
          float[] strip = new float[STRIP * columns];
          int last = (int) ((long) strips * (part + 1) / parts);
          for (int s = (int) ((long) strips * part / parts); s < last; s++) {
            int first = s * STRIP;
            int count = Math.min(STRIP, rows - first);
            read(source, transposed, first, count, columns, rows, strip);
            write(strip, target, (long) first * columns, count * columns);
          }
        });
  }

  private static void read(
      TensorView source,
      boolean transposed,
      int first,
      int count,
      int columns,
      int rows,
      float[] strip) {
    if (!transposed) {
      for (int i = 0; i < count * columns; i++) {
        strip[i] = source.floatAt((long) first * columns + i);
      }
      return;
    }
    for (int c = 0; c < columns; c++) {
      for (int r = 0; r < count; r++) {
        strip[r * columns + c] = source.floatAt((long) c * rows + first + r);
      }
    }
  }

  private static void write(float[] values, TensorView target, long firstElement, int count) {
    MemorySegment memory = target.memory();
    DType dtype = target.dtype();
    switch (dtype) {
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          memory.set(TensorView.BITS16, (firstElement + i) * 2, bf16(values[i]));
        }
      }
      case Q8_0, Q4_0 -> {
        for (int i = 0; i < count; i += BLOCK) {
          long at = (firstElement + i) / BLOCK * dtype.blockBytes();
          if (dtype == DType.Q8_0) {
            q8(values, i, memory, at);
          } else {
            q4(values, i, memory, at);
          }
        }
      }
      default -> throw new UnsupportedOperationException("no rounding to " + dtype);
    }
  }

  /// To the nearest, ties to even; not-a-number stays so.
  static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /// A half-precision scale, then 32 signed bytes.
  private static void q8(float[] x, int from, MemorySegment to, long at) {
    float largest = 0;
    for (int i = 0; i < BLOCK; i++) {
      largest = Math.max(largest, Math.abs(x[from + i]));
    }
    float scale = largest / 127;
    float inverse = scale != 0 ? 1 / scale : 0;
    to.set(TensorView.BITS16, at, Float.floatToFloat16(scale));
    for (int i = 0; i < BLOCK; i++) {
      float scaled = x[from + i] * inverse;
      // As C's `roundf`: halves away from zero.
      int rounded = (int) (scaled + Math.copySign(0.5f, scaled));
      to.set(ValueLayout.JAVA_BYTE, at + 2 + i, (byte) rounded);
    }
  }

  /// A half-precision scale, then 16 bytes of two nibbles, the second half of the block in the high
  /// ones. The number farthest from zero becomes -8.
  private static void q4(float[] x, int from, MemorySegment to, long at) {
    float farthest = 0;
    for (int i = 0; i < BLOCK; i++) {
      if (Math.abs(farthest) < Math.abs(x[from + i])) {
        farthest = x[from + i];
      }
    }
    float scale = farthest / -8;
    float inverse = scale != 0 ? 1 / scale : 0;
    to.set(TensorView.BITS16, at, Float.floatToFloat16(scale));
    for (int i = 0; i < BLOCK / 2; i++) {
      int low = Math.clamp((int) (x[from + i] * inverse + 8.5f), 0, 15);
      int high = Math.clamp((int) (x[from + BLOCK / 2 + i] * inverse + 8.5f), 0, 15);
      to.set(ValueLayout.JAVA_BYTE, at + 2 + i, (byte) (low | high << 4));
    }
  }
}
