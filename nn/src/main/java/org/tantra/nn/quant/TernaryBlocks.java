package org.tantra.nn.quant;

import static org.tantra.nn.quant.BlockDecoder.half;
import static org.tantra.nn.quant.BlockDecoder.u8;

import java.lang.foreign.MemorySegment;

/// Blocks of 256 elements that are −1, 0 or 1 times a scale.
final class TernaryBlocks {
  private static final int[] POWERS_OF_3 = {1, 3, 9, 27, 81};

  private TernaryBlocks() {}

  /// Five base-3 digits to a byte, four in the last four bytes.
  static void base3(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at + 52);
    digits(blocks, at, 32, 5, d, out, 0);
    digits(blocks, at + 32, 16, 5, d, out, 160);
    digits(blocks, at + 48, 4, 4, d, out, 240);
  }

  /// The first digit of each of `count` bytes, then the second of each, and so on.
  private static void digits(
      MemorySegment blocks, long from, int count, int digits, float d, float[] out, int first) {
    for (int digit = 0; digit < digits; digit++) {
      for (int i = 0; i < count; i++) {
        // A byte is a fraction of 256; times 3ⁿ the wanted digit is what is above the point next.
        int fraction = (u8(blocks, from + i) * POWERS_OF_3[digit]) & 0xff;
        out[first + digit * count + i] = (((fraction * 3) >> 8) - 1) * d;
      }
    }
  }

  /// Four 2-bit values to a byte.
  static void base4(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at + 64);
    for (int i = 0; i < out.length; i++) {
      int value = (u8(blocks, at + i / 128 * 32L + i % 32) >> (i % 128 / 32 * 2)) & 3;
      out[i] = (value - 1) * d;
    }
  }
}
