package org.tantra.nn.quant;

import static org.tantra.nn.quant.BlockDecoder.half;
import static org.tantra.nn.quant.BlockDecoder.i8;
import static org.tantra.nn.quant.BlockDecoder.u8;

import java.lang.foreign.MemorySegment;
import org.tantra.api.tensor.TensorView;

/// Blocks of 32 with one scale `d`, and in the `_1` types a minimum `m`. The low nibbles of 16
/// bytes are the first 16 elements, the high nibbles the others.
final class LegacyBlocks {
  private static final int HALF = 16;

  private LegacyBlocks() {}

  static void q4WithScale(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at);
    for (int i = 0; i < HALF; i++) {
      int pair = u8(blocks, at + 2 + i);
      out[i] = ((pair & 15) - 8) * d;
      out[i + HALF] = ((pair >> 4) - 8) * d;
    }
  }

  static void q4WithScaleAndMinimum(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at);
    float m = half(blocks, at + 2);
    for (int i = 0; i < HALF; i++) {
      int pair = u8(blocks, at + 4 + i);
      out[i] = (pair & 15) * d + m;
      out[i + HALF] = (pair >> 4) * d + m;
    }
  }

  /// The fifth bits of all elements lie together in 32 bits after the scale.
  static void q5WithScale(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at);
    int fifth = blocks.get(TensorView.I32, at + 2);
    for (int i = 0; i < HALF; i++) {
      int pair = u8(blocks, at + 6 + i);
      out[i] = (((pair & 15) | fifthBit(fifth, i)) - 16) * d;
      out[i + HALF] = (((pair >> 4) | fifthBit(fifth, i + HALF)) - 16) * d;
    }
  }

  static void q5WithScaleAndMinimum(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at);
    float m = half(blocks, at + 2);
    int fifth = blocks.get(TensorView.I32, at + 4);
    for (int i = 0; i < HALF; i++) {
      int pair = u8(blocks, at + 8 + i);
      out[i] = ((pair & 15) | fifthBit(fifth, i)) * d + m;
      out[i + HALF] = ((pair >> 4) | fifthBit(fifth, i + HALF)) * d + m;
    }
  }

  private static int fifthBit(int bits, int element) {
    return ((bits >>> element) & 1) << 4;
  }

  static void q8WithScale(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at);
    for (int i = 0; i < out.length; i++) {
      out[i] = i8(blocks, at + 2 + i) * d;
    }
  }
}
