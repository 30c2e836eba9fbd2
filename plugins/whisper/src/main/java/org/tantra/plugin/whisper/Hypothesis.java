package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.List;

/// A row of tokens and how probable it is.
///
/// @param tokens all, the opening included; with the end of text when finished
/// @param sum of the log-probabilities of what was decoded
record Hypothesis(List<Integer> tokens, double sum) {
  Hypothesis {
    tokens = List.copyOf(tokens);
  }

  Hypothesis with(int token, double logprob) {
    List<Integer> more = new ArrayList<>(tokens);
    more.add(token);
    return new Hypothesis(more, sum + logprob);
  }

  int last() {
    return tokens.getLast();
  }

  /// What was decoded, without the end of text.
  List<Integer> said(int begin, int end) {
    List<Integer> said = tokens.subList(begin, tokens.size());
    int at = said.indexOf(end);
    return at < 0 ? said : said.subList(0, at);
  }
}
