package org.tantra.plugin.whisper;

import java.util.List;

/// A word and when it is said, from the beginning of its window.
///
/// @param text empty once it was merged into a neighbour
record WordTiming(String text, List<Integer> tokens, double start, double end, double probability) {
  WordTiming {
    tokens = List.copyOf(tokens);
  }

  WordTiming saying(String other, List<Integer> otherTokens) {
    return new WordTiming(other, otherTokens, start, end, probability);
  }

  WordTiming during(double from, double until) {
    return new WordTiming(text, tokens, from, until, probability);
  }

  double duration() {
    return end - start;
  }
}
