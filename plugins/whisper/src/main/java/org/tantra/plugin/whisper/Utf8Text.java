package org.tantra.plugin.whisper;

/// Text of bytes that may be broken, as Python decodes it with `errors="replace"`: U+FFFD for each
/// longest beginning of a character that does not go on. The JDK joins some of them.
///
/// @see <a href="https://www.unicode.org/versions/Unicode15.0.0/ch03.pdf">Unicode 15, table 3-7 and
///   section "U+FFFD Substitution of Maximal Subparts"</a>
final class Utf8Text {
  static final char REPLACEMENT = '\ufffd';

  private Utf8Text() {}

  static String of(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    int at = 0;
    while (at < bytes.length) {
      int first = bytes[at] & 0xff;
      int length = length(first);
      int value = first & (0xff >> (length + 1));
      int taken = 1;
      while (taken < length && at + taken < bytes.length) {
        int next = bytes[at + taken] & 0xff;
        if (next < low(first, taken) || next > high(first, taken)) {
          break;
        }
        value = (value << 6) | (next & 0x3f);
        taken++;
      }
      if (length == 1) {
        text.append((char) first);
      } else if (length > 1 && taken == length) {
        text.appendCodePoint(value);
      } else {
        text.append(REPLACEMENT);
      }
      at += taken;
    }
    return text.toString();
  }

  /// Bytes of the character that begins so; 0 if none does.
  private static int length(int first) {
    if (first < 0x80) {
      return 1;
    } else if (first >= 0xc2 && first < 0xe0) {
      return 2;
    } else if (first >= 0xe0 && first < 0xf0) {
      return 3;
    }
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
  }

  private static int low(int first, int index) {
    if (index == 1 && first == 0xe0) {
      return 0xa0;
    }
    return index == 1 && first == 0xf0 ? 0x90 : 0x80;
  }

  private static int high(int first, int index) {
    if (index == 1 && first == 0xed) {
      return 0x9f;
    }
    return index == 1 && first == 0xf4 ? 0x8f : 0xbf;
  }

  /// White space at both ends taken away, as Python means it.
  static String stripped(String text) {
    int from = 0;
    int until = text.length();
    while (from < until && white(text.charAt(from))) {
      from++;
    }
    while (until > from && white(text.charAt(until - 1))) {
      until--;
    }
    return text.substring(from, until);
  }

  private static boolean white(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }
}
