package org.tantra.media;

/// Telephone samples: 8 bits that stand for 16.
///
/// @see <a href="https://www.itu.int/rec/T-REC-G.711">ITU-T G.711</a>
final class CompandedSample {
  private static final int MU_BIAS = 0x84;

  private CompandedSample() {}

  static int muLaw(byte code) {
    int value = ~code & 0xff;
    int magnitude = ((((value & 0xf) << 3) + MU_BIAS) << ((value >> 4) & 7)) - MU_BIAS;
    return (value & 0x80) == 0 ? magnitude : -magnitude;
  }

  static int aLaw(byte code) {
    int value = (code & 0xff) ^ 0x55;
    int exponent = (value >> 4) & 7;
    int mantissa = (value & 0xf) << 4;
    int magnitude = exponent == 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
    return (value & 0x80) == 0 ? -magnitude : magnitude;
  }
}
