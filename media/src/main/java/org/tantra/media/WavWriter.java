package org.tantra.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Makes WAVE files, whole or as a header and blocks of samples.
public final class WavWriter {
  private static final int HEADER_BYTES = 44;

  /// Means: until the end of the file.
  private static final int UNKNOWN = -1;

  private WavWriter() {}

  /// A header for 16-bit samples that follow one block at a time, how many is not known yet.
  public static byte[] streamHeader16(int sampleRateHz, int channels) {
    return header(1, 2, sampleRateHz, channels, UNKNOWN);
  }

  /// A header for 16-bit samples of which there are so many bytes; more than a header can count are
  /// announced as not known.
  public static byte[] header16(int sampleRateHz, int channels, long dataBytes) {
    boolean countable = dataBytes <= Integer.MAX_VALUE - HEADER_BYTES;
    return header(1, 2, sampleRateHz, channels, countable ? (int) dataBytes : UNKNOWN);
  }

  /// Samples as 16-bit, little-endian, without a header: rounded, and cut at full scale.
  ///
  /// @param samples `[frames, channels]`, full scale is ±1
  public static byte[] pcm16(float[] samples) {
    byte[] bytes = new byte[Math.multiplyExact(samples.length, 2)];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (float sample : samples) {
      out.putShort((short) Math.clamp(Math.rint(sample * 32767.0), -32768, 32767));
    }
    return bytes;
  }

  /// A file of 16-bit samples.
  ///
  /// @param samples `[frames, channels]`, full scale is ±1; cut there
  public static byte[] file16(float[] samples, int sampleRateHz, int channels) {
    byte[] pcm = pcm16(samples);
    return joined(header(1, 2, sampleRateHz, channels, pcm.length), pcm);
  }

  /// A file of 32-bit floating point samples, kept as they are.
  ///
  /// @param samples `[frames, channels]`
  public static byte[] fileFloat(float[] samples, int sampleRateHz, int channels) {
    byte[] data = new byte[Math.multiplyExact(samples.length, 4)];
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(samples);
    return joined(header(3, 4, sampleRateHz, channels, data.length), data);
  }

  private static byte[] joined(byte[] header, byte[] data) {
    byte[] file = Arrays.copyOf(header, Math.addExact(header.length, data.length));
    System.arraycopy(data, 0, file, header.length, data.length);
    return file;
  }

  private static byte[] header(
      int format, int sampleBytes, int sampleRateHz, int channels, int dataBytes) {
    byte[] header = new byte[HEADER_BYTES];
    ByteBuffer.wrap(header)
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
    return header;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
