package org.tantra.plugin.numpy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A value of the small part of Python's literal syntax that array headers are written in: quoted
/// text without escapes, `True`, `False`, `None`, integers, tuples, lists and dictionaries with
/// text keys.
sealed interface PythonLiteral {
  record Text(String value) implements PythonLiteral {}

  record Truth(boolean value) implements PythonLiteral {}

  record None() implements PythonLiteral {}

  record Whole(long value) implements PythonLiteral {}

  record Tuple(List<PythonLiteral> items) implements PythonLiteral {}

  record Sequence(List<PythonLiteral> items) implements PythonLiteral {}

  record Dictionary(Map<String, PythonLiteral> members) implements PythonLiteral {}

  /// As Python writes it, for messages.
  default String spelled() {
    return switch (this) {
      case Text(var value) -> "'" + value + "'";
      case Truth(var value) -> value ? "True" : "False";
      case None() -> "None";
      case Whole(var value) -> Long.toString(value);
      case Tuple(var items) -> "(" + spelled(items) + ")";
      case Sequence(var items) -> "[" + spelled(items) + "]";
      case Dictionary(var members) ->
          members.entrySet().stream()
              .map(member -> "'" + member.getKey() + "': " + member.getValue().spelled())
              .collect(Collectors.joining(", ", "{", "}"));
    };
  }

  private static String spelled(List<PythonLiteral> items) {
    return items.stream().map(PythonLiteral::spelled).collect(Collectors.joining(", "));
  }

  /// Reads one literal that takes up the whole text but for white space.
  ///
  /// @throws SyntaxException if it is none
  static PythonLiteral parse(String text) throws SyntaxException {
    Parser parser = new Parser(text);
    PythonLiteral value = parser.value(0);
    if (parser.peek() != Parser.END) {
      throw parser.wrong("expected the end");
    }
    return value;
  }

  /// The text is not such a literal. Caught where the file is known.
  final class SyntaxException extends Exception {
    private final int offset;

    SyntaxException(String message, int offset) {
      super(message);
      this.offset = offset;
    }

    /// Where in the text.
    int offset() {
      return offset;
    }
  }

  /// Recursive descent with a limit far below what a stack holds.
  final class Parser {
    private static final int DEEPEST = 16;
    private static final int END = -1;

    private final String text;
    private int at;

    private Parser(String text) {
      this.text = text;
    }

    private PythonLiteral value(int depth) throws SyntaxException {
      if (depth > DEEPEST) {
        throw wrong("nested deeper than " + DEEPEST);
      }
      return switch (peek()) {
        case '\'', '"' -> new Text(quoted());
        case '{' -> dictionary(depth);
        case '[' -> {
          at++;
          yield new Sequence(items(']', depth, new ArrayList<>()));
        }
        case '(' -> tuple(depth);
        case 'T' -> word("True", new Truth(true));
        case 'F' -> word("False", new Truth(false));
        case 'N' -> word("None", new None());
        default -> new Whole(integer());
      };
    }

    private PythonLiteral dictionary(int depth) throws SyntaxException {
      Map<String, PythonLiteral> members = new LinkedHashMap<>();
      at++;
      while (peek() != '}') {
        String key = quoted();
        expect(':');
        if (members.put(key, value(depth + 1)) != null) {
          throw wrong("a key is given twice");
        }
        if (peek() != '}') {
          expect(',');
        }
      }
      at++;
      return new Dictionary(members);
    }

    /// `()`, `(a,)`, `(a, b)`; `(a)` is just `a`.
    private PythonLiteral tuple(int depth) throws SyntaxException {
      at++;
      if (peek() == ')') {
        at++;
        return new Tuple(List.of());
      }
      PythonLiteral first = value(depth + 1);
      if (peek() == ')') {
        at++;
        return first;
      }
      expect(',');
      List<PythonLiteral> items = new ArrayList<>(List.of(first));
      return new Tuple(items(')', depth, items));
    }

    private List<PythonLiteral> items(char end, int depth, List<PythonLiteral> items)
        throws SyntaxException {
      while (peek() != end) {
        items.add(value(depth + 1));
        if (peek() != end) {
          expect(',');
        }
      }
      at++;
      return List.copyOf(items);
    }

    private String quoted() throws SyntaxException {
      int quote = peek();
      if (quote != '\'' && quote != '"') {
        throw wrong("expected a text in quotes");
      }
      int end = text.indexOf(quote, at + 1);
      String value = end < 0 ? "" : text.substring(at + 1, end);
      if (end < 0 || value.indexOf('\\') >= 0 || value.indexOf('\n') >= 0) {
        throw wrong("expected a plain text in quotes");
      }
      at = end + 1;
      return value;
    }

    /// Decimal, with the `L` that Python 2 wrote behind it.
    private long integer() throws SyntaxException {
      int from = at;
      if (peek() == '-') {
        at++;
      }
      int digits = at;
      while (isDigit(at)) {
        at++;
      }
      if (at == digits || (text.charAt(digits) == '0' && at - digits > 1)) {
        at = from;
        throw wrong("expected a value");
      }
      String number = text.substring(from, at);
      if (at < text.length() && text.charAt(at) == 'L') {
        at++;
      }
      try {
        return Long.parseLong(number);
      } catch (NumberFormatException _) {
        throw wrong("an integer has more than 63 bits");
      }
    }

    private boolean isDigit(int index) {
      return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
    }

    private PythonLiteral word(String word, PythonLiteral value) throws SyntaxException {
      if (!text.startsWith(word, at)) {
        throw wrong("expected a value");
      }
      at += word.length();
      return value;
    }

    private void expect(char symbol) throws SyntaxException {
      if (peek() != symbol) {
        throw wrong("expected '" + symbol + "'");
      }
      at++;
    }

    /// The next character after white space.
    private int peek() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      return at < text.length() ? text.charAt(at) : END;
    }

    private SyntaxException wrong(String problem) {
      return new SyntaxException(problem, at);
    }
  }
}
