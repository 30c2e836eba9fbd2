package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Several rows side by side, the most probable of all continuations each time.
///
/// @param beams rows
/// @param patience finished rows that end the search, in multiples of `beams`
/// @param end id of the end of text
/// @see <a href="https://arxiv.org/abs/2204.05424">Kasai et al. 2022 (patience)</a>
record BeamSearch(int beams, double patience, int end) implements Search {
  private static final Comparator<Candidate> BEST_FIRST =
      Comparator.comparingDouble((Candidate candidate) -> candidate.row().sum()).reversed();

  private record Candidate(Hypothesis row, int source) {}

  @Override
  public List<Hypothesis> run(
      List<Integer> opening, float[] first, RowSet rows, int steps, int context) {
    int wanted = Math.max(1, (int) Math.rint(beams * patience));
    List<Hypothesis> finished = new ArrayList<>();
    List<Hypothesis> open = List.of(new Hypothesis(opening, 0));
    List<float[]> scores = List.of(first);
    for (int step = 0; ; step++) {
      List<Candidate> candidates = new ArrayList<>();
      for (int i = 0; i < open.size(); i++) {
        addBest(candidates, open.get(i), i, scores.get(i));
      }
      // Stable: of equally good ones the earlier beam's comes first.
      candidates.sort(BEST_FIRST);
      List<Hypothesis> next = new ArrayList<>();
      List<Integer> sources = new ArrayList<>();
      for (Candidate candidate : candidates) {
        if (candidate.row().last() != end) {
          next.add(candidate.row());
          sources.add(candidate.source());
          if (next.size() == beams) {
            break;
          }
        } else if (finished.size() < wanted) {
          finished.add(candidate.row());
        }
      }
      if (!next.isEmpty()) {
        open = next;
      }
      if (next.isEmpty()
          || finished.size() >= wanted
          || step + 1 >= steps
          || open.getFirst().tokens().size() > context) {
        return filled(finished, next);
      }
      scores = rows.step(open, sources);
    }
  }

  private void addBest(List<Candidate> candidates, Hypothesis row, int source, float[] scores) {
    double all = LogProbabilities.logSumExp(scores, 0, scores.length);
    float[] left = scores.clone();
    for (int i = 0; i <= beams && i < left.length; i++) {
      int token = LogProbabilities.best(left);
      if (left[token] == Float.NEGATIVE_INFINITY) {
        return;
      }
      candidates.add(new Candidate(row.with(token, left[token] - all), source));
      left[token] = Float.NEGATIVE_INFINITY;
    }
  }

  /// Where too few rows came to an end, the best open ones end where they are.
  private List<Hypothesis> filled(List<Hypothesis> finished, List<Hypothesis> open) {
    List<Hypothesis> all = new ArrayList<>(finished);
    for (Hypothesis row : open) {
      if (all.size() >= beams) {
        break;
      }
      all.add(row.with(end, 0));
    }
    return all;
  }
}
