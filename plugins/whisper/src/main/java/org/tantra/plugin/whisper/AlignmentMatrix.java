package org.tantra.plugin.whisper;

import java.util.Arrays;
import java.util.List;

/// Which token is said when, from what chosen attention heads look at.
final class AlignmentMatrix {
  private static final int MEDIAN_WIDTH = 7;

  private AlignmentMatrix() {}

  /// Softmax over positions, then for each position as deviations from its mean over tokens,
  /// smoothed over positions; the mean of all heads.
  ///
  /// @param heads raw scores, `[tokens, positions]` each
  /// @param kept positions of the recording; further ones are padding
  /// @return `[tokens, kept]`
  static float[] of(List<float[]> heads, int tokens, int positions, int kept) {
    float[] sum = new float[tokens * kept];
    for (float[] scores : heads) {
      float[] weights = new float[tokens * kept];
      for (int t = 0; t < tokens; t++) {
        System.arraycopy(scores, t * positions, weights, t * kept, kept);
        LogProbabilities.softmax(weights, t * kept, kept);
      }
      standardise(weights, tokens, kept);
      for (int t = 0; t < tokens; t++) {
        medianFilter(weights, t * kept, kept, MEDIAN_WIDTH);
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weights[i];
      }
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] /= heads.size();
    }
    return sum;
  }

  private static void standardise(float[] weights, int tokens, int kept) {
    for (int p = 0; p < kept; p++) {
      double sum = 0;
      double squares = 0;
      for (int t = 0; t < tokens; t++) {
        sum += weights[t * kept + p];
      }
      double mean = sum / tokens;
      for (int t = 0; t < tokens; t++) {
        double difference = weights[t * kept + p] - mean;
        squares += difference * difference;
      }
      double deviation = Math.sqrt(squares / tokens);
      for (int t = 0; t < tokens; t++) {
        double difference = weights[t * kept + p] - mean;
        // Where all tokens look alike there is nothing to tell them apart.
        weights[t * kept + p] = deviation == 0 ? 0 : (float) (difference / deviation);
      }
    }
  }

  /// Replaces each value of a row by the median of those around it; the row is mirrored at its
  /// ends. Rows that are too short to be mirrored stay as they are.
  ///
  /// @param width odd
  static void medianFilter(float[] x, int at, int length, int width) {
    int half = width / 2;
    if (length <= half) {
      return;
    }
    float[] row = Arrays.copyOfRange(x, at, at + length);
    float[] window = new float[width];
    for (int i = 0; i < length; i++) {
      for (int k = 0; k < width; k++) {
        int source = Math.abs(i + k - half);
        window[k] = row[source < length ? source : 2 * (length - 1) - source];
      }
      Arrays.sort(window);
      x[at + i] = window[half];
    }
  }
}
