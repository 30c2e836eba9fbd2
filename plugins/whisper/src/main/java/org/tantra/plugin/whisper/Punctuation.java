package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.List;

/// Punctuation as part of the word it belongs to.
///
/// @param before belongs to the word after it
/// @param after belongs to the word before it
record Punctuation(String before, String after) {
  static final Punctuation USUAL = new Punctuation("\"'“¿([{-", "\"'.。,，!！?？:：”)]}、");

  /// Marks that end a sentence.
  static final String SENTENCE_ENDS = ".。!！?？";

  /// Whether a text is one of the marks, or several of them in the order of the list; so is an
  /// empty one.
  boolean mark(String text) {
    return (before + after).contains(text);
  }

  /// Joins marks to words in place; the entry of a mark stays, with nothing in it.
  void merge(List<WordTiming> words) {
    int following = words.size() - 1;
    for (int previous = words.size() - 2; previous >= 0; previous--) {
      String text = words.get(previous).text();
      if (text.startsWith(" ") && before.contains(Utf8Text.stripped(text))) {
        join(words, previous, following, following);
      } else {
        following = previous;
      }
    }
    int previous = 0;
    for (int next = 1; next < words.size(); next++) {
      if (!words.get(previous).text().endsWith(" ") && after.contains(words.get(next).text())) {
        join(words, previous, next, previous);
      } else {
        previous = next;
      }
    }
  }

  private static void join(List<WordTiming> words, int first, int second, int into) {
    WordTiming a = words.get(first);
    WordTiming b = words.get(second);
    List<Integer> tokens = new ArrayList<>(a.tokens());
    tokens.addAll(b.tokens());
    words.set(first, a.saying("", List.of()));
    words.set(second, b.saying("", List.of()));
    words.set(into, words.get(into).saying(a.text() + b.text(), tokens));
  }
}
