package org.tantra.nn.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An upper bound of the steps that a backtracking matcher retraces on a text, from the pattern
/// alone.
///
/// The regular expressions of a `tokenizer.json` run in native code that gives up, and takes the
/// process with it, when one match has retraced ten million steps. So patterns are read first: for
/// each part that can fail, the number of ways to match what stands before it, with `LENGTH` ways
/// for a repetition without bound. Those of published tokenizers cost a few times `LENGTH`,
/// `(a+)+$` costs its square. Repeated groups, references, conditions and the like are not read, as
/// no published tokenizer has them.
final class PatternCost {
  /// Longest text that a pattern is run on, in characters.
  static final int LENGTH = 1 << 20;

  /// Somewhat below where the matcher gives up.
  private static final double MAXIMUM = 9e6;

  private static final int MAXIMUM_CHARACTERS = 4096;
  private static final int MAXIMUM_NESTING = 16;

  /// Letters that, after a backslash, stand for a set, a character or an edge and nothing else.
  private static final String ESCAPED_LETTERS = "sSdDwWhHrntfvae";

  private static final String EDGES = "bBAzZ";

  private final String pattern;
  private int at;

  private PatternCost(String pattern) {
    this.pattern = pattern;
  }

  /// A part of a pattern.
  ///
  /// @param ways how many ways there are to match it at one place
  /// @param steps that are retraced within it until it has failed
  /// @param fails whether it can fail
  /// @param empty whether it can match nothing
  private record Part(double ways, double steps, boolean fails, boolean empty) {
    static final Part NOTHING = new Part(1, 0, false, true);
    static final Part ONE = new Part(1, 1, true, false);
    static final Part EDGE = new Part(1, 1, true, true);
  }

  /// What is not read, by way of an exception within this class.
  private static final class Unread extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unread(String reason) {
      super(reason, null, false, false);
    }
  }

  /// Why a pattern is not run; nothing if it is safe on every text of at most [#LENGTH].
  static Optional<String> refusal(String pattern) {
    if (pattern.length() > MAXIMUM_CHARACTERS) {
      return Optional.of("has " + pattern.length() + " characters");
    }
    PatternCost reader = new PatternCost(pattern);
    try {
      Part whole = reader.alternatives(0);
      if (reader.at < pattern.length()) {
        return Optional.of("has a ')' too many");
      }
      if (whole.empty()) {
        return Optional.of("matches nothing at all");
      }
      return whole.steps() > MAXIMUM
          ? Optional.of("may retrace more steps on a long text than its length allows")
          : Optional.empty();
    } catch (Unread e) {
      return Optional.of(e.getMessage() + " at character " + reader.at);
    }
  }

  private Part alternatives(int depth) {
    if (depth > MAXIMUM_NESTING) {
      throw new Unread("is nested too deep");
    }
    Part all = sequence(depth);
    while (take('|')) {
      Part next = sequence(depth);
      all =
          new Part(
              all.ways() + next.ways(),
              all.steps() + next.steps(),
              all.fails() && next.fails(),
              all.empty() || next.empty());
    }
    return all;
  }

  private Part sequence(int depth) {
    List<Part> parts = new ArrayList<>();
    int lastFailing = -1;
    while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
      Part part = quantified(atom(depth));
      if (part.fails()) {
        lastFailing = parts.size();
      }
      parts.add(part);
    }
    double ways = 1;
    double steps = 0;
    boolean empty = true;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      // What stands before is matched in another way only if something from here on can fail.
      steps += (i <= lastFailing ? ways : 1) * part.steps();
      ways *= part.ways();
      empty &= part.empty();
    }
    return new Part(ways, steps, lastFailing >= 0, empty);
  }

  private Part atom(int depth) {
    char c = pattern.charAt(at++);
    return switch (c) {
      case '(' -> group(depth);
      case '[' -> set();
      case '\\' -> escape();
      case '^', '$' -> Part.EDGE;
      case '*', '+', '?', '{' -> throw new Unread("has a repetition of nothing");
      default -> {
        if (Character.isHighSurrogate(c)) {
          at++;
        }
        yield Part.ONE;
      }
    };
  }

  private Part group(int depth) {
    boolean ahead = false;
    if (take('?')) {
      char kind = next();
      if (kind == '=' || kind == '!') {
        ahead = true;
      } else if (kind == 'i' || kind == '-') {
        boolean first = at == 3;
        while (kind == 'i' || kind == '-') {
          kind = next();
        }
        if (kind == ')' && first) {
          return Part.NOTHING;
        }
      }
      if (!ahead && kind != ':') {
        throw new Unread("has a group of a kind that is not read");
      }
    }
    Part inner = alternatives(depth + 1);
    if (!take(')')) {
      throw new Unread("has a group without its end");
    }
    return ahead ? new Part(1, 1 + inner.steps() + inner.ways(), true, true) : inner;
  }

  private Part set() {
    int depth = 1;
    boolean first = true;
    while (depth > 0) {
      char c = next();
      if (c == '^' && first) {
        continue;
      }
      if (c == '\\') {
        next();
      } else if (c == '[') {
        depth++;
        first = true;
        continue;
      } else if (c == ']' && !first) {
        depth--;
      }
      first = false;
    }
    return Part.ONE;
  }

  private Part escape() {
    char c = next();
    if (EDGES.indexOf(c) >= 0) {
      return Part.EDGE;
    }
    if (c == 'p' || c == 'P' || c == 'x') {
      if (take('{')) {
        while (next() != '}') {}
      } else if (c == 'x') {
        next();
        next();
      }
    } else if (c == 'u') {
      at += 4;
    } else if (Character.isLetterOrDigit(c) && ESCAPED_LETTERS.indexOf(c) < 0) {
      throw new Unread("has '\\" + c + "', which is not read,");
    }
    return Part.ONE;
  }

  private Part quantified(Part part) {
    if (at == pattern.length()) {
      return part;
    }
    int least;
    double ways;
    switch (pattern.charAt(at)) {
      case '?' -> {
        at++;
        least = 0;
        ways = 2;
      }
      case '*', '+' -> {
        least = pattern.charAt(at++) == '+' ? 1 : 0;
        ways = LENGTH;
      }
      case '{' -> {
        int end = pattern.indexOf('}', at);
        String bounds = end < 0 ? "" : pattern.substring(at + 1, end);
        if (!bounds.matches("\\d{1,3}(,\\d{0,3})?")) {
          throw new Unread("has a repetition that is not read");
        }
        at = end + 1;
        String[] ends = bounds.split(",", -1);
        least = Integer.parseInt(ends[0]);
        int most =
            ends.length == 1 ? least : ends[1].isEmpty() ? LENGTH : Integer.parseInt(ends[1]);
        ways = Math.max(1, most - least + 1);
        if (at < pattern.length() && "?+*{".indexOf(pattern.charAt(at)) >= 0) {
          throw new Unread("has a repetition of a repetition");
        }
      }
      default -> {
        return part;
      }
    }
    boolean optional = least == 0 && ways == 2;
    if (!optional && (part.ways() > 1 || part.empty())) {
      throw new Unread("repeats a part that matches in several ways");
    }
    boolean atomic = take('+');
    if (!atomic) {
      take('?');
    }
    if (at < pattern.length() && "?+*{".indexOf(pattern.charAt(at)) >= 0) {
      throw new Unread("has a repetition of a repetition");
    }
    return new Part(
        atomic ? 1 : optional ? part.ways() + 1 : ways,
        part.steps() * Math.max(1, least),
        part.fails() && least > 0,
        part.empty() || least == 0);
  }

  private char next() {
    if (at >= pattern.length()) {
      throw new Unread("ends too early");
    }
    return pattern.charAt(at++);
  }

  private boolean take(char c) {
    if (at < pattern.length() && pattern.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }
}
