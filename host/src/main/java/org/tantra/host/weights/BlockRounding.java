package org.tantra.host.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.tantra.api.tensor.TensorView;

/// Rounds blocks of 32 numbers to ggml's two simplest types, bit for bit as ggml's reference code
/// does: every step in single precision, in its order.
///
/// @see <a
///   href="https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c">quantize_row_q8_0_ref
///   and quantize_row_q4_0_ref</a>
final class BlockRounding {
  static final int BLOCK = 32;
  static final int Q8_0_BYTES = 34;
  static final int Q4_0_BYTES = 18;

  private BlockRounding() {}

  /// Writes one `Q8_0` block: a half-precision scale, then 32 signed bytes.
  ///
  /// @param x the block begins at `from`; finite
  /// @param y gets what the block means, from `from` on
  static void q80(float[] x, int from, float[] y, MemorySegment to, long at) {
    float largest = 0;
    for (int i = 0; i < BLOCK; i++) {
      largest = Math.max(largest, Math.abs(x[from + i]));
    }
    float scale = largest / 127;
    float inverse = scale != 0 ? 1 / scale : 0;
    short half = Float.floatToFloat16(scale);
    float meant = Float.float16ToFloat(half);
    to.set(TensorView.BITS16, at, half);
    for (int i = 0; i < BLOCK; i++) {
      byte rounded = (byte) halfAwayFromZero(x[from + i] * inverse);
      to.set(ValueLayout.JAVA_BYTE, at + 2 + i, rounded);
      y[from + i] = rounded * meant;
    }
  }

  /// Writes one `Q4_0` block: a half-precision scale, then 16 bytes of two nibbles, the second half
  /// of the block in the high ones. The number farthest from zero becomes -8 exactly.
  ///
  /// @param x the block begins at `from`; finite
  /// @param y gets what the block means, from `from` on
  static void q40(float[] x, int from, float[] y, MemorySegment to, long at) {
    float largest = 0;
    float farthest = 0;
    for (int i = 0; i < BLOCK; i++) {
      float size = Math.abs(x[from + i]);
      if (largest < size) {
        largest = size;
        farthest = x[from + i];
      }
    }
    float scale = farthest / -8;
    float inverse = scale != 0 ? 1 / scale : 0;
    short half = Float.floatToFloat16(scale);
    float meant = Float.float16ToFloat(half);
    to.set(TensorView.BITS16, at, half);
    for (int i = 0; i < BLOCK / 2; i++) {
      int low = nibble(x[from + i] * inverse);
      int high = nibble(x[from + BLOCK / 2 + i] * inverse);
      to.set(ValueLayout.JAVA_BYTE, at + 2 + i, (byte) (low | high << 4));
      y[from + i] = (low - 8) * meant;
      y[from + BLOCK / 2 + i] = (high - 8) * meant;
    }
  }

  private static int nibble(float scaled) {
    return Math.min(15, (byte) (int) (scaled + 8.5f));
  }

  /// As C's `roundf`; the argument is within 128.
  private static int halfAwayFromZero(float value) {
    int whole = (int) value;
    return Math.abs(value - whole) >= 0.5f ? whole + (value < 0 ? -1 : 1) : whole;
  }
}
