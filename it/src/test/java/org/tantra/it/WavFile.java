package org.tantra.it;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Writes WAVE files whose headers say what they like.
final class WavFile {
  private WavFile() {}

  /// @param format 1 for whole numbers, 3 for floats
  /// @param data the samples' bytes
  static byte[] of(int format, int channels, int bits, int rate, byte[] data) {
    int block = channels * bits / 8;
    return ByteBuffer.allocate(44 + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("RIFF".getBytes(US_ASCII))
        .putInt(36 + data.length)
        .put("WAVEfmt ".getBytes(US_ASCII))
        .putInt(16)
        .putShort((short) format)
        .putShort((short) channels)
        .putInt(rate)
        .putInt(rate * block)
        .putShort((short) block)
        .putShort((short) bits)
        .put("data".getBytes(US_ASCII))
        .putInt(data.length)
        .put(data)
        .array();
  }
}
