package org.tantra.plugin.whisper;

/// Scores of tokens, masked ones at negative infinity, as probabilities and their logarithms.
final class LogProbabilities {
  private LogProbabilities() {}

  /// The first of the largest values.
  static int best(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }

  /// `log Σ exp(scores[i])` for `from <= i < to`; negative infinity if all are masked.
  static double logSumExp(float[] scores, int from, int to) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, scores[i]);
    }
    if (largest == Double.NEGATIVE_INFINITY) {
      return largest;
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += Math.exp(scores[i] - largest);
    }
    return largest + Math.log(sum);
  }

  /// Turns some scores into probabilities in place.
  static void softmax(float[] scores, int at, int length) {
    double all = logSumExp(scores, at, at + length);
    for (int i = at; i < at + length; i++) {
      scores[i] = (float) Math.exp(scores[i] - all);
    }
  }
}
