package org.tantra.nn.quant;

import static org.tantra.nn.quant.BlockDecoder.half;
import static org.tantra.nn.quant.BlockDecoder.i8;
import static org.tantra.nn.quant.BlockDecoder.u8;

import java.lang.foreign.MemorySegment;
import org.tantra.api.tensor.TensorView;

/// "K" blocks of 256: sub-blocks of 16 or 32 elements have small integer scales, and one or two
/// floats scale those.
final class KBlocks {
  private KBlocks() {}

  /// 16 bytes of scale and minimum nibbles, 64 bytes of 2-bit values, `d`, `dmin`.
  static void q2(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at + 80);
    float dmin = half(blocks, at + 82);
    for (int i = 0; i < out.length; i++) {
      int scales = u8(blocks, at + i / 16);
      float scale = d * (scales & 15);
      float minimum = dmin * (scales >> 4);
      out[i] = scale * twoBits(blocks, at + 16, i) - minimum;
    }
  }

  /// 32 bytes of third bits, 64 bytes of 2-bit values, 12 bytes of 6-bit scales, `d`. A third bit
  /// that is not set means 4 less.
  static void q3(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at + 108);
    for (int i = 0; i < out.length; i++) {
      float scale = d * (q3Scale(blocks, at + 96, i / 16) - 32);
      int third = (u8(blocks, at + i % 32) >> (i / 32)) & 1;
      out[i] = scale * (twoBits(blocks, at + 32, i) - (third == 1 ? 0 : 4));
    }
  }

  /// Elements 0–31 are the lowest bits of the first 32 bytes, 32–63 the next ones, and so on; the
  /// second 32 bytes hold elements 128–255 in the same way.
  private static int twoBits(MemorySegment blocks, long values, int i) {
    return (u8(blocks, values + i / 128 * 32L + i % 32) >> (i % 128 / 32 * 2)) & 3;
  }

  /// Four bits of scale `b` are nibbles of the first 8 bytes, two are in the last 4.
  private static int q3Scale(MemorySegment blocks, long scales, int b) {
    int low = (u8(blocks, scales + b % 8) >> (b / 8 * 4)) & 15;
    int high = (u8(blocks, scales + 8 + b % 4) >> (b / 4 * 2)) & 3;
    return low | (high << 4);
  }

  /// `d`, `dmin`, 12 bytes of 6-bit scales and minimums, 128 bytes of nibbles.
  static void q4(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at);
    float dmin = half(blocks, at + 2);
    for (int b = 0; b < 8; b++) {
      float scale = d * scale(blocks, at + 4, b);
      float minimum = dmin * minimum(blocks, at + 4, b);
      for (int i = 0; i < 32; i++) {
        out[32 * b + i] = scale * nibble(blocks, at + 16, b, i) - minimum;
      }
    }
  }

  /// As [#q4], with 32 bytes of fifth bits before the nibbles.
  static void q5(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at);
    float dmin = half(blocks, at + 2);
    for (int b = 0; b < 8; b++) {
      float scale = d * scale(blocks, at + 4, b);
      float minimum = dmin * minimum(blocks, at + 4, b);
      for (int i = 0; i < 32; i++) {
        int fifth = (u8(blocks, at + 16 + i) >> b) & 1;
        out[32 * b + i] = scale * (nibble(blocks, at + 48, b, i) + 16 * fifth) - minimum;
      }
    }
  }

  private static int scale(MemorySegment blocks, long scales, int b) {
    return b < 4
        ? u8(blocks, scales + b) & 63
        : (u8(blocks, scales + b + 4) & 15) | (u8(blocks, scales + b - 4) >> 6 << 4);
  }

  private static int minimum(MemorySegment blocks, long scales, int b) {
    return b < 4
        ? u8(blocks, scales + b + 4) & 63
        : (u8(blocks, scales + b + 4) >> 4) | (u8(blocks, scales + b) >> 6 << 4);
  }

  /// Sub-blocks 2g and 2g + 1 are the low and the high nibbles of bytes 32g to 32g + 31.
  private static int nibble(MemorySegment blocks, long values, int b, int i) {
    return (u8(blocks, values + b / 2 * 32L + i) >> (b % 2 * 4)) & 15;
  }

  /// 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales, `d`.
  static void q6(MemorySegment blocks, long at, float[] out) {
    float d = half(blocks, at + 208);
    for (int i = 0; i < out.length; i++) {
      int h = i / 128;
      int k = i % 128 / 32;
      int l = i % 32;
      int low = (u8(blocks, at + 64L * h + k % 2 * 32L + l) >> (k / 2 * 4)) & 15;
      int high = (u8(blocks, at + 128 + 32L * h + l) >> (2 * k)) & 3;
      float scale = d * i8(blocks, at + 192 + i / 16);
      out[i] = scale * ((low | (high << 4)) - 32);
    }
  }

  /// `d` as F32, 256 signed bytes, sums that only products need.
  static void q8(MemorySegment blocks, long at, float[] out) {
    float d = blocks.get(TensorView.F32, at);
    for (int i = 0; i < out.length; i++) {
      out[i] = d * i8(blocks, at + 4 + i);
    }
  }
}
