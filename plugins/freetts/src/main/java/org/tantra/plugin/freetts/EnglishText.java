package org.tantra.plugin.freetts;

import java.text.Normalizer;
import java.util.regex.Pattern;

/// Text as the English letter-to-sound rules can read it: ASCII.
final class EnglishText {
  private static final Pattern ACCENTS = Pattern.compile("\\p{M}+");

  private EnglishText() {}

  /// Without accents, with plain quotes and dashes; everything else that is not printable ASCII
  /// becomes a space, and line breaks stay.
  static String readable(String text) {
    String plain = ACCENTS.matcher(Normalizer.normalize(text, Normalizer.Form.NFKD)).replaceAll("");
    StringBuilder readable = new StringBuilder(plain.length());
    for (int i = 0; i < plain.length(); i++) {
      readable.append(readable(plain.charAt(i)));
    }
    return readable.toString();
  }

  private static char readable(char c) {
    return switch (c) {
      case '\u2018', '\u2019', '\u02bc' -> '\'';
      case '\u201c', '\u201d' -> '"';
      case '\u2010', '\u2011', '\u2012' -> '-';
      case '\u2013', '\u2014' -> ',';
      case '\n' -> '\n';
      default -> c >= ' ' && c <= '~' ? c : ' ';
    };
  }
}
