package org.tantra.nn.text;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// GPT-2's printable spelling of bytes: each byte is one character, itself where it is printable
/// Latin-1, otherwise the next free one from U+0100 on.
final class ByteAlphabet {
  private static final char[] SPELLING = spelling();
  private static final Map<Character, Integer> BYTE_OF = byteOf();

  private ByteAlphabet() {}

  /// How a byte is spelled.
  ///
  /// @param value from 0 to 255
  static String spell(int value) {
    return String.valueOf(SPELLING[value]);
  }

  /// The bytes that a token spells; nothing if it has a character that spells none.
  static Optional<byte[]> bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      Integer value = BYTE_OF.get(token.charAt(i));
      if (value == null) {
        return Optional.empty();
      }
      bytes[i] = value.byteValue();
    }
    return Optional.of(bytes);
  }

  private static char[] spelling() {
    char[] spelling = new char[256];
    char next = 256;
    for (int value = 0; value < 256; value++) {
      boolean itself =
          (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xFF && value != 0xAD);
      spelling[value] = itself ? (char) value : next++;
    }
    return spelling;
  }

  private static Map<Character, Integer> byteOf() {
    Map<Character, Integer> byteOf = new HashMap<>();
    for (int value = 0; value < 256; value++) {
      byteOf.put(SPELLING[value], value);
    }
    return Map.copyOf(byteOf);
  }
}
