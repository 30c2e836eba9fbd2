package org.tantra.nn.quant;

import static org.tantra.nn.quant.BlockDecoder.half;
import static org.tantra.nn.quant.BlockDecoder.u8;

import java.lang.foreign.MemorySegment;

/// Blocks of 32 whose nibbles index a table of values.
final class TableBlocks {
  private static final int HALF = 16;

  private static final int[] IQ4_NL = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  /// The values of a 4-bit float (1 sign, 2 exponent, 1 fraction bit), doubled.
  private static final int[] FP4 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

  private TableBlocks() {}

  static void iq4Nl(MemorySegment blocks, long at, float[] out) {
    decode(blocks, at + 2, half(blocks, at), IQ4_NL, out);
  }

  /// The scale is a bare exponent byte: 2 to the power of it − 127, halved as [#FP4] is doubled.
  static void mxfp4(MemorySegment blocks, long at, float[] out) {
    int exponent = u8(blocks, at);
    int bits = exponent < 2 ? 0x00200000 << exponent : (exponent - 1) << 23;
    decode(blocks, at + 1, Float.intBitsToFloat(bits), FP4, out);
  }

  private static void decode(
      MemorySegment blocks, long values, float scale, int[] table, float[] out) {
    for (int i = 0; i < HALF; i++) {
      int pair = u8(blocks, values + i);
      out[i] = scale * table[pair & 15];
      out[i + HALF] = scale * table[pair >> 4];
    }
  }
}
