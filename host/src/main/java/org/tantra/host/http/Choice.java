package org.tantra.host.http;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;

/// One choice of an answer, as far as it has come.
final class Choice {
  private final int index;
  private final StringBuilder text = new StringBuilder();
  private final List<Generation.Token> tokens = new ArrayList<>();
  private int offset;
  private @Nullable FinishReason finishReason;

  Choice(int index) {
    this.index = index;
  }

  int index() {
    return index;
  }

  void add(String more, List<Generation.Token> moreTokens) {
    text.append(more);
    tokens.addAll(moreTokens);
  }

  /// Counts tokens that have been sent already and need not be kept.
  void pass(List<Generation.Token> sent) {
    offset += Logprobs.codePoints(sent);
  }

  /// How many code points of the choice have been sent.
  int offset() {
    return offset;
  }

  void finish(FinishReason reason) {
    finishReason = reason;
  }

  String text() {
    return text.toString();
  }

  List<Generation.Token> tokens() {
    return tokens;
  }

  /// As JSON spells it.
  String finish() {
    return finish(requireNonNull(finishReason, "finishReason"), index);
  }

  /// How likely the model found its tokens, on average.
  double meanLogprob() {
    return tokens.stream()
        .mapToDouble(Generation.Token::logprob)
        .filter(logprob -> !Double.isNaN(logprob))
        .average()
        .orElse(Double.NEGATIVE_INFINITY);
  }

  /// The same choice at another place.
  Choice at(int otherIndex) {
    Choice copy = new Choice(otherIndex);
    copy.add(text(), tokens);
    copy.finishReason = finishReason;
    return copy;
  }

  private static String finish(FinishReason reason, int index) {
    return switch (reason) {
      case STOP -> "stop";
      case LENGTH -> "length";
      case CANCELLED -> throw new IllegalStateException("choice " + index + " was cancelled");
    };
  }
}
