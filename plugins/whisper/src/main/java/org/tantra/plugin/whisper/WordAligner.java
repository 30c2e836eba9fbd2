package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.nn.Trace;

/// Finds out when each word of a known text is said.
///
/// @param heads the attention heads that follow the speech, as layer and index
record WordAligner(
    WhisperTextNetwork network, WhisperTokenizer tokenizer, List<AttentionHead> heads) {
  private static final double POSITIONS_PER_SECOND = 50;

  /// One attention head of the decoder.
  record AttentionHead(int layer, int index) {}

  WordAligner {
    heads = List.copyOf(heads);
  }

  /// The words of a window's text with their times.
  ///
  /// @param cross of the window
  /// @param text tokens of text, without timestamps
  /// @param frames of the window that are recording, not padding
  List<WordTiming> align(
      CrossCache cross,
      List<Integer> text,
      int frames,
      DecodingOptions options,
      Cancellation cancellation) {
    if (text.isEmpty() || frames < 2) {
      return List.of();
    }
    SpecialTokens specials = tokenizer.specials();
    int[] opening = specials.opening(options.language(), options.translate());
    int[] forced = forced(opening, text);
    List<float[]> scores = new ArrayList<>();
    float[] states;
    try (TextRow row = network.begin()) {
      states =
          network.forward(
              List.of(row),
              List.of(forced),
              cross,
              cancellation,
              new WhisperTextNetwork.Traces(
                  Trace.NONE,
                  (layer, queries, tokens) -> {
                    for (AttentionHead head : heads) {
                      if (head.layer() == layer) {
                        scores.add(cross.scores(queries, tokens, layer, head.index()));
                      }
                    }
                  }));
    }
    int positions = network.config().audioPositions();
    Matrix matrix = matrix(scores, forced.length, positions, frames, opening.length);
    return words(
        tokenizer, matrix, text, probabilities(states, opening.length, text), options.language());
  }

  private int[] forced(int[] opening, List<Integer> text) {
    int most = network.config().textPositions() - opening.length - 2;
    int count = Math.min(text.size(), most);
    int[] forced = Arrays.copyOf(opening, opening.length + count + 2);
    forced[opening.length] = tokenizer.specials().noTimestamps();
    for (int i = 0; i < count; i++) {
      forced[opening.length + 1 + i] = text.get(i);
    }
    forced[forced.length - 1] = tokenizer.specials().end();
    return forced;
  }

  /// Probability of each token of the text among all tokens of text.
  private double[] probabilities(float[] states, int before, List<Integer> text) {
    int hidden = network.config().hidden();
    double[] probabilities = new double[Math.min(text.size(), states.length / hidden - before - 2)];
    for (int i = 0; i < probabilities.length; i++) {
      int row = before + i;
      float[] logits =
          network.logits(Arrays.copyOfRange(states, row * hidden, (row + 1) * hidden), 1);
      probabilities[i] = probability(logits, text.get(i), tokenizer.specials().end());
    }
    return probabilities;
  }

  static double probability(float[] logits, int token, int end) {
    return Math.exp(logits[token] - LogProbabilities.logSumExp(logits, 0, end));
  }

  /// Rows for the token before the text and each of the text, columns for 20 ms each.
  static final class Matrix {
    final float[] values;
    final int rows;
    final int columns;

    Matrix(float[] values, int rows, int columns) {
      this.values = values;
      this.rows = rows;
      this.columns = columns;
    }
  }

  /// @param opening tokens before the one without timestamps
  static Matrix matrix(List<float[]> scores, int tokens, int positions, int frames, int opening) {
    int kept = Math.min(frames / 2, positions);
    float[] all = AlignmentMatrix.of(scores, tokens, positions, kept);
    float[] values = Arrays.copyOfRange(all, opening * kept, (tokens - 1) * kept);
    return new Matrix(values, tokens - opening - 1, kept);
  }

  /// The cheapest way through the matrix, where likeness costs nothing.
  static TimeWarping.Path path(Matrix matrix) {
    float[] costs = new float[matrix.values.length];
    for (int i = 0; i < costs.length; i++) {
      costs[i] = -matrix.values[i];
    }
    return TimeWarping.path(costs, matrix.rows, matrix.columns);
  }

  /// Words with times, from the way through the matrix.
  static List<WordTiming> words(
      WhisperTokenizer tokenizer,
      Matrix matrix,
      List<Integer> text,
      double[] probabilities,
      String language) {
    TimeWarping.Path path = path(matrix);
    double[] begins = new double[matrix.rows];
    for (int i = path.rows().size() - 1; i >= 0; i--) {
      begins[path.rows().get(i)] = path.columns().get(i) / POSITIONS_PER_SECOND;
    }
    List<Integer> ended = new ArrayList<>(text.subList(0, probabilities.length));
    ended.add(tokenizer.specials().end());
    List<WordTiming> timings = new ArrayList<>();
    int from = 0;
    for (WhisperTokenizer.Word word : tokenizer.words(ended, language)) {
      int until = from + word.tokens().size();
      if (until > probabilities.length) {
        break;
      }
      double mean = Arrays.stream(probabilities, from, until).average().orElse(0);
      timings.add(new WordTiming(word.text(), word.tokens(), begins[from], begins[until], mean));
      from = until;
    }
    return timings;
  }
}
