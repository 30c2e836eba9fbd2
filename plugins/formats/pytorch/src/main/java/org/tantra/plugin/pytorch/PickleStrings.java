package org.tantra.plugin.pytorch;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.tantra.api.TantraException;

/// String and bytes arguments of pickle instructions. Texts are copied, bytes stay where they are.
final class PickleStrings {
  private final PickleInput input;
  private final Refusal refusal;
  private final HeapBudget budget;

  PickleStrings(PickleInput input, Refusal refusal, HeapBudget budget) {
    this.input = input;
    this.refusal = refusal;
    this.budget = budget;
  }

  /// A module or a name: a line of UTF-8.
  String line() {
    return input.text(latin1(input.line()));
  }

  Value text(Opcode opcode) {
    if (opcode == Opcode.UNICODE) {
      return new Value.Text(rawUnicode(input.line()));
    }
    return new Value.Text(input.text(charged(counted(opcode))));
  }

  /// A string of Python 2: text if it is valid UTF-8, bytes otherwise.
  Value textOrBytes(Opcode opcode) {
    MemorySegment bytes =
        opcode == Opcode.STRING ? latin1(unquoted(input.line())) : counted(opcode);
    String text = PickleInput.strictText(charged(bytes));
    return text == null ? new Value.Bytes(bytes) : new Value.Text(text);
  }

  Value bytes(Opcode opcode) {
    return new Value.Bytes(counted(opcode));
  }

  private MemorySegment counted(Opcode opcode) {
    long length =
        switch (opcode) {
          case SHORT_BINUNICODE, SHORT_BINSTRING, SHORT_BINBYTES -> input.u8();
          case BINUNICODE, BINBYTES -> input.u32();
          // Signed, unlike the others: a negative length is too long for any file.
          case BINSTRING -> input.i32();
          case BINUNICODE8, BINBYTES8, BYTEARRAY8 -> input.i64();
          default -> throw new AssertionError(opcode + " is no string");
        };
    return input.take(length);
  }

  private MemorySegment charged(MemorySegment bytes) {
    budget.take(2 * bytes.byteSize());
    return bytes;
  }

  private static MemorySegment latin1(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// Bytes with escapes of 4 (u) or 8 (U) hexadecimal digits, Python's "raw-unicode-escape".
  private String rawUnicode(String line) {
    budget.take(2L * line.length());
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at < line.length()) {
      boolean escape = line.charAt(at) == '\\' && at + 1 < line.length();
      char kind = escape ? line.charAt(at + 1) : 0;
      if (kind != 'u' && kind != 'U') {
        text.append(line.charAt(at++));
        continue;
      }
      int digits = kind == 'u' ? 4 : 8;
      int codePoint = hex(line, at + 2, digits);
      if (!Character.isValidCodePoint(codePoint)) {
        throw malformed();
      }
      text.appendCodePoint(codePoint);
      at += 2 + digits;
    }
    return text.toString();
  }

  /// The inside of a quoted Python 2 string, its escapes resolved.
  private String unquoted(String line) {
    String text = line.strip();
    char quote = text.isEmpty() ? 0 : text.charAt(0);
    boolean quoted = text.length() >= 2 && text.charAt(text.length() - 1) == quote;
    if (!quoted || (quote != '\'' && quote != '"')) {
      throw malformed();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int at = 1;
    while (at < text.length() - 1) {
      char c = text.charAt(at++);
      if (c != '\\') {
        bytes.write(c);
        continue;
      }
      char escaped = text.charAt(at++);
      switch (escaped) {
        case '\\', '\'', '"' -> bytes.write(escaped);
        case 'n' -> bytes.write('\n');
        case 'r' -> bytes.write('\r');
        case 't' -> bytes.write('\t');
        case 'x' -> {
          bytes.write(hex(text, at, 2));
          at += 2;
        }
        default -> throw malformed();
      }
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  private int hex(String text, int from, int digits) {
    int value = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = i < text.length() ? Character.digit(text.charAt(i), 16) : -1;
      if (digit < 0) {
        throw malformed();
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private TantraException malformed() {
    return refusal.because("malformed-pickle", "a string argument is malformed");
  }
}
