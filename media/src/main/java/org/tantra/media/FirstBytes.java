package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// The beginning of a file, for messages.
final class FirstBytes {
  private static final int COUNT = 8;

  private FirstBytes() {}

  /// In hexadecimal: `89 50 4e 47 0d 0a 1a 0a`.
  static String of(MemorySegment bytes) {
    byte[] first =
        bytes.asSlice(0, Math.min(COUNT, bytes.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    return HexFormat.ofDelimiter(" ").formatHex(first);
  }

  /// Whether a file begins with these bytes.
  static boolean are(MemorySegment bytes, int... expected) {
    if (bytes.byteSize() < expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if ((bytes.get(ValueLayout.JAVA_BYTE, i) & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }
}
