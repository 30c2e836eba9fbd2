package org.tantra.plugin.mamba;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Compute;
import org.tantra.nn.Activation;
import org.tantra.nn.Linear;
import org.tantra.nn.Softmax;
import org.tantra.nn.Workspace;

/// A mixture of experts: a router sends each token to the two experts with the highest scores, and
/// their answers are added by the softmax of these two scores.
///
/// The tokens of one expert are computed together. A token's numbers do not depend on which others
/// are in the block: an expert takes as many tokens as a block has.
///
/// @see <a href="https://arxiv.org/abs/2401.04088">Jiang et al. 2024, section 2.1</a>
final class ExpertMixture {
  // Slots of the workspace, those of the mixer, which is done by then.
  private static final int SCORES = 0;
  private static final int GATHERED = 1;
  private static final int INNER = 2;
  private static final int ANSWERS = 3;

  private final int hidden;
  private final int inner;
  private final Linear router;
  private final List<Expert> experts;

  private record Expert(Linear up, Linear down) {}

  ExpertMixture(MultimodalConfig config, MultimodalWeights.Layer weights, Compute compute) {
    this.hidden = config.hidden();
    this.inner = config.expertInner();
    this.router = Linear.rows(weights.router().weight(), null, compute);
    List<Expert> built = new ArrayList<>();
    for (MultimodalWeights.Expert expert : weights.experts()) {
      built.add(
          new Expert(
              Linear.rows(expert.up().weight(), expert.up().bias(), compute),
              Linear.rows(expert.down().weight(), expert.down().bias(), compute)));
    }
    this.experts = List.copyOf(built);
  }

  /// Adds what the experts answer to each token.
  ///
  /// @param x `[count, hidden]`, changed
  /// @param normed `[count, hidden]`
  /// @param loads tokens that each expert got, counted up
  void addTo(float[] x, float[] normed, int count, long[] loads, Workspace work) {
    float[] scores = work.floats(SCORES, count * experts.size());
    router.apply(scores, normed, count);
    for (int t = 0; t < count; t++) {
      keepTwo(scores, t * experts.size());
    }
    for (int e = 0; e < experts.size(); e++) {
      loads[e] += ask(e, x, normed, count, scores, work);
    }
  }

  /// Turns scores into shares: those of the best two, by softmax; zero for the others.
  private void keepTwo(float[] scores, int at) {
    int first = -1;
    int second = -1;
    for (int e = 0; e < experts.size(); e++) {
      if (first < 0 || scores[at + e] > scores[at + first]) {
        second = first;
        first = e;
      } else if (second < 0 || scores[at + e] > scores[at + second]) {
        second = e;
      }
    }
    float[] both = {scores[at + first], scores[at + second]};
    Softmax.apply(both, 0, both.length);
    for (int e = 0; e < experts.size(); e++) {
      scores[at + e] = e == first ? both[0] : e == second ? both[1] : 0;
    }
  }

  private int ask(
      int expert, float[] x, float[] normed, int count, float[] shares, Workspace work) {
    float[] gathered = work.floats(GATHERED, count * hidden);
    int tokens = 0;
    for (int t = 0; t < count; t++) {
      if (shares[t * experts.size() + expert] > 0) {
        System.arraycopy(normed, t * hidden, gathered, tokens * hidden, hidden);
        tokens++;
      }
    }
    if (tokens == 0) {
      return 0;
    }
    float[] between = work.floats(INNER, tokens * inner);
    float[] answers = work.floats(ANSWERS, tokens * hidden);
    experts.get(expert).up().apply(between, gathered, tokens);
    Activation.SILU.apply(between, 0, tokens * inner);
    experts.get(expert).down().apply(answers, between, tokens);
    int from = 0;
    for (int t = 0; t < count; t++) {
      float share = shares[t * experts.size() + expert];
      if (share > 0) {
        for (int i = 0; i < hidden; i++) {
          x[t * hidden + i] += share * answers[from + i];
        }
        from += hidden;
      }
    }
    return tokens;
  }

  long ownBytes() {
    return router.ownBytes()
        + experts.stream()
            .mapToLong(expert -> expert.up().ownBytes() + expert.down().ownBytes())
            .sum();
  }
}
