package org.tantra.plugin.safetensors;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.tantra.api.TantraException;

/// Walks one JSON text by the letter of RFC 8259, from the first byte to the last.
///
/// JSON libraries are too kind for a header that other programs read too: they let overlong UTF-8,
/// lone surrogates, `1.0` for a size or a second value after the first pass, and then two readers
/// see two different files. Here each of these is an error with its byte offset in the file. Values
/// are read as they are passed, nothing is built: memory is what the caller keeps.
final class JsonScanner {
  /// Deepest nesting of arrays and objects, as in the reference reader.
  private static final int MAXIMUM_DEPTH = 128;

  private final byte[] text;
  private final long fileOffset;
  private final Refusal refusal;
  private int at;
  private int depth;

  /// @param text the whole JSON text; not copied
  /// @param fileOffset where it begins in the file, for messages
  /// @throws TantraException `CORRUPT` if the text is not UTF-8
  JsonScanner(byte[] text, long fileOffset, Refusal refusal) {
    this.text = text;
    this.fileOffset = fileOffset;
    this.refusal = refusal;
    requireUtf8();
  }

  static boolean isSpace(int symbol) {
    return symbol == ' ' || symbol == '\t' || symbol == '\n' || symbol == '\r';
  }

  /// Passes an object; `member` is called behind each colon, must pass the value, and gets the
  /// unescaped name.
  void object(Consumer<String> member) {
    enter('{', "an object");
    if (!take('}')) {
      do {
        String name = string("a name in quotes");
        expect(':', "':'");
        member.accept(name);
      } while (more('}'));
    }
    depth--;
  }

  /// Passes an array; `item` is called at each value and must pass it.
  void array(Runnable item) {
    enter('[', "an array");
    if (!take(']')) {
      do {
        item.run();
      } while (more(']'));
    }
    depth--;
  }

  /// Passes `null` if it comes next.
  boolean takeNull() {
    if (peek() != 'n') {
      return false;
    }
    word("null");
    return true;
  }

  /// Passes a string and returns it unescaped.
  String string(String expected) {
    expect('"', expected);
    int from = at;
    while (at < text.length && text[at] != '"' && text[at] != '\\') {
      requireNoControl();
      at++;
    }
    String plain = new String(text, from, at - from, StandardCharsets.UTF_8);
    return at < text.length && text[at] == '"' ? closed(plain) : closed(plain + escapedRest());
  }

  /// Passes an integer from 0 to 2⁶³ − 1, written in digits only.
  long unsigned() {
    peek();
    int from = at;
    String expected = "an unsigned integer in plain digits";
    if (!number(expected)) {
      throw wrong(from, "expected " + expected);
    }
    long value = 0;
    for (int i = from; i < at; i++) {
      int digit = text[i] - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw wrong(from, "the integer is too large for a size");
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /// Passes any value.
  void skip() {
    switch (peek()) {
      case '{' -> object(_ -> skip());
      case '[' -> array(this::skip);
      case '"' -> string("a string");
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number("a value");
    }
  }

  /// Requires that only white space is left.
  void end() {
    if (peek() >= 0) {
      throw wrong(at, "expected nothing after the object");
    }
  }

  // ---- structure

  private void enter(char bracket, String expected) {
    expect(bracket, expected);
    if (++depth > MAXIMUM_DEPTH) {
      throw wrong(at - 1, "arrays and objects are nested deeper than " + MAXIMUM_DEPTH);
    }
  }

  private boolean more(char bracket) {
    if (take(',')) {
      return true;
    }
    expect(bracket, "',' or '" + bracket + "'");
    return false;
  }

  private boolean take(char symbol) {
    if (peek() != symbol) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char symbol, String expected) {
    if (!take(symbol)) {
      throw wrong(at, "expected " + expected);
    }
  }

  /// The next byte after white space, or -1 at the end.
  private int peek() {
    while (at < text.length && isSpace(text[at])) {
      at++;
    }
    return byteAt(at);
  }

  private int byteAt(int index) {
    return index < text.length ? text[index] & 0xff : -1;
  }

  private void word(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (byteAt(at + i) != word.charAt(i)) {
        throw wrong(at, "expected a value");
      }
    }
    at += word.length();
  }

  // ---- numbers: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?

  /// Passes a number and says whether it was plain digits.
  private boolean number(String expected) {
    int from = at;
    boolean plain = !skipOne("-");
    int first = at;
    digits(from, expected);
    if (text[first] == '0' && at - first > 1) {
      throw wrong(from, "a number has a leading zero");
    }
    if (skipOne(".")) {
      plain = false;
      digits(from, expected);
    }
    if (skipOne("eE")) {
      plain = false;
      skipOne("+-");
      digits(from, expected);
    }
    return plain;
  }

  private void digits(int from, String expected) {
    int first = at;
    while (isDigit(byteAt(at))) {
      at++;
    }
    if (at == first) {
      throw wrong(from, "expected " + expected);
    }
  }

  private boolean skipOne(String symbols) {
    if (at < text.length && symbols.indexOf(text[at]) >= 0) {
      at++;
      return true;
    }
    return false;
  }

  private static boolean isDigit(int symbol) {
    return symbol >= '0' && symbol <= '9';
  }

  // ---- strings

  private String closed(String value) {
    at++;
    return value;
  }

  /// The rest of a string from its first backslash to its closing quote, unescaped.
  private String escapedRest() {
    StringBuilder rest = new StringBuilder();
    while (byteAt(at) != '"') {
      if (byteAt(at) == '\\') {
        at++;
        rest.append(escape());
        continue;
      }
      int from = at;
      while (at < text.length && text[at] != '"' && text[at] != '\\') {
        requireNoControl();
        at++;
      }
      if (at == text.length) {
        throw wrong(at, "a string is not closed");
      }
      rest.append(new String(text, from, at - from, StandardCharsets.UTF_8));
    }
    return rest.toString();
  }

  private void requireNoControl() {
    if (text[at] >= 0 && text[at] < 0x20) {
      throw wrong(at, "a control character stands unescaped in a string");
    }
  }

  private String escape() {
    int symbol = byteAt(at++);
    return switch (symbol) {
      case '"', '\\', '/' -> Character.toString(symbol);
      case 'b' -> "\b";
      case 'f' -> "\f";
      case 'n' -> "\n";
      case 'r' -> "\r";
      case 't' -> "\t";
      case 'u' -> unicodeEscape();
      default -> throw wrong(at - 1, "unknown escape in a string");
    };
  }

  private String unicodeEscape() {
    int from = at;
    char first = hex4();
    if (!Character.isSurrogate(first)) {
      return String.valueOf(first);
    }
    if (Character.isHighSurrogate(first) && byteAt(at) == '\\' && byteAt(at + 1) == 'u') {
      at += 2;
      char second = hex4();
      if (Character.isLowSurrogate(second)) {
        return Character.toString(Character.toCodePoint(first, second));
      }
    }
    throw wrong(from, "half a surrogate pair is escaped in a string");
  }

  private char hex4() {
    int value = 0;
    for (int i = 0; i < 4; i++, at++) {
      int digit = Character.digit(byteAt(at), 16);
      if (digit < 0) {
        throw wrong(at, "expected a hexadecimal digit");
      }
      value = value * 16 + digit;
    }
    return (char) value;
  }

  private void requireUtf8() {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer bytes = ByteBuffer.wrap(text);
    CharBuffer discarded = CharBuffer.allocate(8192);
    CoderResult result;
    do {
      result = decoder.decode(bytes, discarded.clear(), true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw wrong(bytes.position(), "the header is not UTF-8");
    }
  }

  /// An error at an index of the text.
  TantraException wrong(int index, String problem) {
    int found = byteAt(index);
    String shown =
        found < 0
            ? "the header ends"
            : found > 0x20 && found < 0x7f ? "'" + (char) found + "'" : "0x%02x".formatted(found);
    return refusal.corrupt(
        "byte " + (fileOffset + index) + ": " + problem + ", found " + shown + ".");
  }
}
