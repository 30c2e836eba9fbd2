package org.tantra.nn.speech;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Cuts a text into pieces that can be spoken one by one.
///
/// A sentence ends at `.`, `!`, `?` or `…` before white space, unless the stop belongs to an
/// abbreviation or an initial, or at an empty line. A sentence that is too long is cut at a comma,
/// else between words. Pieces without a letter or digit are left out, since nothing in them is
/// spoken.
public final class Sentences {
  /// Longer ones are rare in prose, attention gets lost in them, and their memory grows with them.
  private static final int MAXIMUM_CHARACTERS = 300;

  /// Words whose full stop does not end a sentence, without it.
  private static final Set<String> ABBREVIATIONS =
      Set.of(
          "mr", "mrs", "ms", "dr", "st", "prof", "rev", "gen", "col", "capt", "lt", "sgt", "hon",
          "maj", "vs", "e.g", "i.e", "cf", "etc", "no", "fig", "approx", "ft", "mt");

  /// Of them, those that do end a sentence when a capital letter follows.
  private static final Set<String> OFTEN_LAST = Set.of("etc", "no", "ft");

  private static final String STOPS = ".!?…";
  private static final String CLOSING = "\"')]}»”’";

  private final String text;
  private final List<String> pieces = new ArrayList<>();

  private Sentences(String text) {
    this.text = text;
  }

  /// The sentences in order, each without white space around it; none if nothing can be spoken.
  public static List<String> of(String text) {
    Sentences sentences = new Sentences(text);
    sentences.split();
    return List.copyOf(sentences.pieces);
  }

  private void split() {
    int from = 0;
    for (int at = 0; at < text.length(); at++) {
      if (STOPS.indexOf(text.charAt(at)) >= 0) {
        int end = endOfStops(at);
        if (endsHere(from, at, end)) {
          add(from, end);
          from = end;
        }
        at = end - 1;
      } else if (isEmptyLine(at)) {
        add(from, at);
        from = at;
      }
    }
    add(from, text.length());
  }

  private int endOfStops(int at) {
    int end = at;
    while (end < text.length() && (STOPS + CLOSING).indexOf(text.charAt(end)) >= 0) {
      end++;
    }
    return end;
  }

  private boolean isEmptyLine(int at) {
    if (text.charAt(at) != '\n') {
      return false;
    }
    int next = at + 1;
    while (next < text.length() && (text.charAt(next) == ' ' || text.charAt(next) == '\r')) {
      next++;
    }
    return next < text.length() && text.charAt(next) == '\n';
  }

  private boolean endsHere(int from, int stop, int end) {
    if (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
      return false;
    }
    if (text.charAt(stop) != '.' || end > stop + 1) {
      return true;
    }
    int next = end;
    while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
      next++;
    }
    boolean capitalFollows = next == text.length() || !Character.isLowerCase(text.charAt(next));
    int word = stop;
    while (word > from && !Character.isWhitespace(text.charAt(word - 1))) {
      word--;
    }
    String last = text.substring(word, stop).toLowerCase(Locale.ROOT).replaceAll("^[\"'(\\[]+", "");
    boolean initial = stop - word == 1 && Character.isUpperCase(text.charAt(word));
    if (initial && text.charAt(word) != 'I') {
      return next == text.length();
    }
    return ABBREVIATIONS.contains(last)
        ? OFTEN_LAST.contains(last) && capitalFollows
        : capitalFollows;
  }

  private void add(int from, int to) {
    String rest = text.substring(from, to).strip();
    while (rest.length() > MAXIMUM_CHARACTERS) {
      int cut = cut(rest);
      addSpoken(rest.substring(0, cut).strip());
      rest = rest.substring(cut).strip();
    }
    addSpoken(rest);
  }

  private void addSpoken(String piece) {
    if (piece.codePoints().anyMatch(Character::isLetterOrDigit)) {
      pieces.add(piece);
    }
  }

  /// Where to cut a piece that is too long: after the last comma or the like in its second half,
  /// else before the last space, else between two characters.
  private static int cut(String piece) {
    int space = -1;
    for (int at = MAXIMUM_CHARACTERS - 1; at > 0; at--) {
      char here = piece.charAt(at);
      if (at >= MAXIMUM_CHARACTERS / 2 && ",;:".indexOf(here) >= 0) {
        return at + 1;
      }
      if (space < 0 && Character.isWhitespace(here)) {
        space = at;
      }
    }
    int hard =
        Character.isHighSurrogate(piece.charAt(MAXIMUM_CHARACTERS - 1))
            ? MAXIMUM_CHARACTERS - 1
            : MAXIMUM_CHARACTERS;
    return space > 0 ? space : hard;
  }
}
