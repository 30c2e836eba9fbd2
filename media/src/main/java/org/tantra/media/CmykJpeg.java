package org.tantra.media;

import java.awt.image.Raster;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// A JPEG of four inks, as Adobe's programs write it: stored inverted, the first three perhaps as
/// brightness and two colour differences. Inks become colours as in Pillow, without a profile.
///
/// @param transformed whether the first three channels are Y, Cb and Cr
record CmykJpeg(boolean transformed) {
  private static final int APP14 = 0xee;
  private static final int START_OF_SCAN = 0xda;
  private static final int END = 0xd9;

  /// What a file says of itself before its first scan; empty if it is no JPEG of four channels.
  static Optional<CmykJpeg> of(MemorySegment bytes) {
    if (!FirstBytes.are(bytes, 0xff, 0xd8, 0xff)) {
      return Optional.empty();
    }
    boolean transformed = false;
    boolean four = false;
    long at = 2;
    while (at + 4 <= bytes.byteSize() && at(bytes, at) == 0xff) {
      int marker = at(bytes, at + 1);
      if (marker == 0xff) { // a fill byte
        at++;
        continue;
      }
      if (marker == START_OF_SCAN || marker == END) {
        break;
      }
      int length = at(bytes, at + 2) << 8 | at(bytes, at + 3);
      if (at + 2 + length > bytes.byteSize()) {
        break;
      }
      if (isFrame(marker) && length >= 8) {
        four = at(bytes, at + 9) == 4;
      }
      if (marker == APP14 && length >= 14 && isAdobe(bytes.asSlice(at + 4))) {
        transformed = at(bytes, at + 15) == 2;
      }
      at += 2 + length;
    }
    return four ? Optional.of(new CmykJpeg(transformed)) : Optional.empty();
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static boolean isAdobe(MemorySegment segment) {
    return FirstBytes.are(segment, 'A', 'd', 'o', 'b', 'e');
  }

  private static int at(MemorySegment bytes, long index) {
    return bytes.get(ValueLayout.JAVA_BYTE, index) & 0xff;
  }

  /// @param raster the four channels as stored
  Picture picture(Raster raster) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[4 * width];
    int to = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int first = row[4 * x];
        int second = row[4 * x + 1];
        int third = row[4 * x + 2];
        int paper = row[4 * x + 3];
        if (transformed) {
          int blue = second - 128;
          int red = third - 128;
          // Of 65536: 1.402, 0.34414, 0.71414, 1.772 (ITU-T T.871), rounded as libjpeg does.
          rgb[to] = colour(clipped(first + ((91881 * red + 32768) >> 16)), paper);
          rgb[to + 1] =
              colour(clipped(first + ((-22554 * blue - 46802 * red + 32768) >> 16)), paper);
          rgb[to + 2] = colour(clipped(first + ((116130 * blue + 32768) >> 16)), paper);
        } else {
          rgb[to] = colour(255 - first, paper);
          rgb[to + 1] = colour(255 - second, paper);
          rgb[to + 2] = colour(255 - third, paper);
        }
        to += 3;
      }
    }
    return new Picture(width, height, rgb);
  }

  private static int clipped(int level) {
    return Math.clamp(level, 0, 255);
  }

  /// What an ink leaves of the light that black leaves: `paper − ink · paper / 255`, rounded.
  ///
  /// @param ink 0 for none to 255
  /// @param paper 255 less black
  static byte colour(int ink, int paper) {
    int product = ink * paper + 128;
    return (byte) (paper - (((product >> 8) + product) >> 8));
  }
}
