package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tantra.api.Cancellation;

/// The rows of tokens of one search over one window: computes the scores that follow them. Used by
/// one thread.
final class RowSet implements AutoCloseable {
  private final WhisperTextNetwork network;
  private final CrossCache cross;
  private final LogitFilters filters;
  private final Cancellation cancellation;
  private List<TextRow> rows = new ArrayList<>();
  private final List<TextRow> spare = new ArrayList<>();

  RowSet(
      WhisperTextNetwork network,
      CrossCache cross,
      LogitFilters filters,
      Cancellation cancellation) {
    this.network = network;
    this.cross = cross;
    this.filters = filters;
    this.cancellation = cancellation;
  }

  /// What the first pass over the opening gives.
  static final class Opening {
    /// Scores at the start of the transcript, unfiltered, `[vocab]`.
    final float[] atStart;

    /// Scores of the first token, filtered, `[vocab]`.
    final float[] next;

    Opening(float[] atStart, float[] next) {
      this.atStart = atStart;
      this.next = next;
    }
  }

  /// Takes in the opening as the only row.
  ///
  /// @param start index of the token that begins the transcript
  Opening open(List<Integer> opening, int start) {
    TextRow row = network.begin();
    rows.add(row);
    int[] tokens = opening.stream().mapToInt(Integer::intValue).toArray();
    float[] states = forward(List.of(tokens));
    float[] next = logits(states, tokens.length - 1);
    float[] atStart = start == tokens.length - 1 ? next.clone() : logits(states, start);
    filters.apply(next, opening);
    return new Opening(atStart, next);
  }

  /// Goes on with some rows, each by its last token; others are forgotten.
  ///
  /// @param sources which row each goes on from
  /// @return scores of each one's next token, filtered
  List<float[]> step(List<Hypothesis> hypotheses, List<Integer> sources) {
    arrange(sources);
    float[] states =
        forward(hypotheses.stream().map(hypothesis -> new int[] {hypothesis.last()}).toList());
    float[] all = network.logits(states, hypotheses.size());
    int vocab = network.config().vocab();
    List<float[]> scores = new ArrayList<>();
    for (int r = 0; r < hypotheses.size(); r++) {
      float[] row = Arrays.copyOfRange(all, r * vocab, (r + 1) * vocab);
      filters.apply(row, hypotheses.get(r).tokens());
      scores.add(row);
    }
    return scores;
  }

  private float[] forward(List<int[]> more) {
    return network.forward(rows, more, cross, cancellation, WhisperTextNetwork.Traces.NONE);
  }

  private float[] logits(float[] states, int index) {
    int hidden = network.config().hidden();
    return network.logits(Arrays.copyOfRange(states, index * hidden, (index + 1) * hidden), 1);
  }

  /// Puts caches behind those who go on from them; only what goes on twice is copied.
  private void arrange(List<Integer> sources) {
    List<TextRow> arranged = new ArrayList<>();
    boolean[] taken = new boolean[rows.size()];
    for (int source : sources) {
      TextRow row = rows.get(source);
      if (taken[source]) {
        TextRow copy = spare.isEmpty() ? network.begin() : spare.removeLast();
        copy.copyFrom(row);
        row = copy;
      }
      taken[source] = true;
      arranged.add(row);
    }
    for (int i = 0; i < taken.length; i++) {
      if (!taken[i]) {
        spare.add(rows.get(i));
      }
    }
    rows = arranged;
  }

  @Override
  public void close() {
    rows.forEach(TextRow::close);
    spare.forEach(TextRow::close);
  }
}
