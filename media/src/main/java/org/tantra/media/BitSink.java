package org.tantra.media;

import java.io.ByteArrayOutputStream;

/// Bits into bytes, the highest first.
final class BitSink {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private int held;
  private int count;

  /// @param bits how many of the lowest bits, at most 32
  void put(long value, int bits) {
    for (int i = bits - 1; i >= 0; i--) {
      held = (held << 1) | (int) ((value >>> i) & 1);
      if (++count == 8) {
        bytes.write(held);
        held = 0;
        count = 0;
      }
    }
  }

  /// So many zeros and a one.
  void unary(long zeros) {
    for (long left = zeros; left > 0; left -= 32) {
      put(0, (int) Math.min(32, left));
    }
    put(1, 1);
  }

  /// Zeros until the byte is full.
  void align() {
    if (count > 0) {
      put(0, 8 - count);
    }
  }

  /// Whole bytes so far.
  byte[] toBytes() {
    return bytes.toByteArray();
  }
}
