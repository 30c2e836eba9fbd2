package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/// The most probable token at each step, or at a temperature above 0 one by chance.
///
/// @param count independent rows
/// @param end id of the end of text
/// @param random decides at temperatures above 0
record SamplingSearch(int count, double temperature, int end, RandomGenerator random)
    implements Search {
  @Override
  public List<Hypothesis> run(
      List<Integer> opening, float[] first, RowSet rows, int steps, int context) {
    List<Hypothesis> all = new ArrayList<>(Collections.nCopies(count, new Hypothesis(opening, 0)));
    List<Integer> open = new ArrayList<>();
    List<Integer> sources = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      open.add(i);
      sources.add(0);
    }
    List<float[]> scores = Collections.nCopies(count, first);
    for (int step = 0; ; step++) {
      List<Integer> still = new ArrayList<>();
      List<Integer> next = new ArrayList<>();
      for (int i = 0; i < open.size(); i++) {
        int row = open.get(i);
        Hypothesis longer = extended(all.get(row), scores.get(i));
        all.set(row, longer);
        if (longer.last() != end) {
          still.add(row);
          next.add(step == 0 ? sources.get(i) : i);
        }
      }
      open = still;
      if (open.isEmpty()
          || step + 1 >= steps
          || all.get(open.getFirst()).tokens().size() > context) {
        return all;
      }
      scores = rows.step(open.stream().map(all::get).toList(), next);
    }
  }

  private Hypothesis extended(Hypothesis row, float[] scores) {
    int token = temperature == 0 ? LogProbabilities.best(scores) : sampled(scores);
    double all = LogProbabilities.logSumExp(scores, 0, scores.length);
    return row.with(token, scores[token] - all);
  }

  private int sampled(float[] scores) {
    double largest = scores[LogProbabilities.best(scores)];
    double[] weights = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      weights[i] = Math.exp((scores[i] - largest) / temperature);
      sum += weights[i];
    }
    double left = random.nextDouble() * sum;
    int last = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        last = i;
        left -= weights[i];
        if (left < 0) {
          return i;
        }
      }
    }
    return last;
  }
}
