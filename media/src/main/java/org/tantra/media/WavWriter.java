package org.tantra.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Makes WAVE files, whole or as a header and blocks of samples.
public final class WavWriter {
  private static final int HEADER_BYTES = 44;

  /// Means: until the end of the file.
  private static final int UNKNOWN = -1;

  private WavWriter() {}

  /// A header for 16-bit samples that follow one block at a time, how many is not known yet.
  public static byte[] streamHeader16(int sampleRateHz, int channels) {
    return header(1, 2, sampleRateHz, channels, UNKNOWN).array();
  }

  /// Samples as 16-bit, little-endian, without a header: rounded, and cut at full scale.
  ///
  /// @param samples `[frames, channels]`, full scale is ±1
  public static byte[] pcm16(float[] samples) {
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(samples.length, 2)).order(ByteOrder.LITTLE_ENDIAN);
    for (float sample : samples) {
      out.putShort((short) Math.clamp(Math.rint(sample * 32767.0), -32768, 32767));
    }
    return out.array();
  }

  /// A file of 16-bit samples.
  ///
  /// @param samples `[frames, channels]`, full scale is ±1; cut there
  public static byte[] file16(float[] samples, int sampleRateHz, int channels) {
    byte[] pcm = pcm16(samples);
    return header(1, 2, sampleRateHz, channels, pcm.length).put(pcm).array();
  }

  /// A file of 32-bit floating point samples, kept as they are.
  ///
  /// @param samples `[frames, channels]`
  public static byte[] fileFloat(float[] samples, int sampleRateHz, int channels) {
    int bytes = Math.multiplyExact(samples.length, 4);
    ByteBuffer out = header(3, 4, sampleRateHz, channels, bytes);
    for (float sample : samples) {
      out.putFloat(sample);
    }
    return out.array();
  }

  private static ByteBuffer header(
      int format, int sampleBytes, int sampleRateHz, int channels, int dataBytes) {
    int follows = Math.max(dataBytes, 0);
    return ByteBuffer.allocate(Math.addExact(HEADER_BYTES, follows))
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(ascii("RIFF"))
        .putInt(dataBytes == UNKNOWN ? UNKNOWN : HEADER_BYTES - 8 + dataBytes)
        .put(ascii("WAVEfmt "))
        .putInt(16)
        .putShort((short) format)
        .putShort((short) channels)
        .putInt(sampleRateHz)
        .putInt(sampleRateHz * channels * sampleBytes)
        .putShort((short) (channels * sampleBytes))
        .putShort((short) (8 * sampleBytes))
        .put(ascii("data"))
        .putInt(dataBytes);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
