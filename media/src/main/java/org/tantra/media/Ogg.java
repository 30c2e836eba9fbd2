package org.tantra.media;

/// What readers and writers of Ogg pages share.
///
/// @see <a href="https://www.rfc-editor.org/rfc/rfc3533">RFC 3533</a>
final class Ogg {
  /// Bytes of a page before its table of segments.
  static final int HEADER_BYTES = 27;

  static final int CHECK_SUM_AT = 22;
  static final int CONTINUED = 1;
  static final int FIRST = 2;
  static final int LAST = 4;

  private static final int[] TABLE = table();

  private Ogg() {}

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int value = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
      }
      table[i] = value;
    }
    return table;
  }

  /// Goes on with a page's check sum, whose own four bytes count as zeros.
  static int checkSum(int sum, byte value) {
    return (sum << 8) ^ TABLE[(sum >>> 24) ^ (value & 0xFF)];
  }
}
