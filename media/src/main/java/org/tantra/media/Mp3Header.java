package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// What stands before each frame of MPEG audio.
///
/// @param lowRate whether rates are those of MPEG-2, halves of MPEG-1's; frames are half as long
/// @param bytes of the frame, these four included
/// @see <a href="https://www.iso.org/standard/22412.html">ISO/IEC 11172-3, section 2.4.1.3</a>
record Mp3Header(boolean lowRate, int sampleRateHz, int channels, int bytes) {
  static final int HEADER_BYTES = 4;

  private static final int[] KBITS = {
    0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320
  };
  private static final int[] LOW_KBITS = {
    0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
  };
  private static final int[] RATES = {44_100, 48_000, 32_000};

  /// The header at an offset; null if there is none of layer III with a known length.
  static @Nullable Mp3Header at(MemorySegment file, long offset) {
    if (file.byteSize() - offset < HEADER_BYTES) {
      return null;
    }
    int b1 = file.get(ValueLayout.JAVA_BYTE, offset + 1) & 0xff;
    int b2 = file.get(ValueLayout.JAVA_BYTE, offset + 2) & 0xff;
    int b3 = file.get(ValueLayout.JAVA_BYTE, offset + 3) & 0xff;
    int version = (b1 >> 3) & 3;
    boolean layer3 = ((b1 >> 1) & 3) == 1;
    int rateIndex = (b2 >> 2) & 3;
    int kbitIndex = b2 >> 4;
    boolean sync = (file.get(ValueLayout.JAVA_BYTE, offset) & 0xff) == 0xff && b1 >= 0xe0;
    if (!sync || version < 2 || !layer3 || rateIndex == 3 || kbitIndex == 0 || kbitIndex == 15) {
      return null;
    }
    boolean low = version == 2;
    int rate = RATES[rateIndex] / (low ? 2 : 1);
    int kbits = (low ? LOW_KBITS : KBITS)[kbitIndex];
    int bytes = (low ? 72_000 : 144_000) * kbits / rate + ((b2 >> 1) & 1);
    return new Mp3Header(low, rate, (b3 >> 6) == 3 ? 1 : 2, bytes);
  }

  /// Samples of each channel in one frame.
  int samples() {
    return lowRate ? 576 : 1152;
  }

  /// Bytes between the header and the coded samples.
  int sideBytes() {
    if (lowRate) {
      return channels == 1 ? 9 : 17;
    }
    return channels == 1 ? 17 : 32;
  }

  boolean sameKind(Mp3Header other) {
    return lowRate == other.lowRate
        && sampleRateHz == other.sampleRateHz
        && channels == other.channels;
  }
}
