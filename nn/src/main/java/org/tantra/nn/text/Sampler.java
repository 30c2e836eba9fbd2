package org.tantra.nn.text;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.tantra.api.ErrorKind;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;

/// Logits to token id, in the order that [Sampling] states.
///
/// `topP` counts probabilities among the tokens that `topK` left, `minP` compares with the
/// likeliest token; the likeliest token always stays. Equal seeds and logits give equal tokens.
///
/// Belongs to one request: it remembers what was chosen. Not safe from several threads.
public final class Sampler {
  private final Sampling sampling;
  private final float[] scores;
  private final BitSet seen = new BitSet();
  private final Map<Integer, Integer> added = new HashMap<>();
  private long randomState;

  /// @param vocab length of the logits
  /// @throws TantraException `INVALID` if the logit bias names an id outside the vocabulary
  public Sampler(Sampling sampling, int vocab) {
    for (int id : sampling.logitBias().keySet()) {
      if (id < 0 || id >= vocab) {
        throw new TantraException(
                ErrorKind.INVALID,
                "logit_bias names token "
                    + id
                    + "; the model's token ids go from 0 to "
                    + (vocab - 1)
                    + ".")
            .about("logit_bias");
      }
    }
    this.sampling = sampling;
    this.scores = new float[vocab];
    Long seed = sampling.seed();
    this.randomState = seed != null ? seed : new SplittableRandom().nextLong();
  }

  /// Tells which tokens the prompt has, for the repetition penalty.
  public void seePrompt(int[] ids) {
    for (int id : ids) {
      seen.set(id);
    }
  }

  /// Chooses the next token and remembers it as part of the completion.
  ///
  /// @param logits `[vocab]`, left as they are
  /// @throws TantraException `INTERNAL` if the logits are not numbers
  public int next(float[] logits) {
    System.arraycopy(logits, 0, scores, 0, scores.length);
    sampling.logitBias().forEach((id, bias) -> scores[id] += bias.floatValue());
    penalise();
    int best = likeliest();
    int id = sampling.temperature() == 0 ? best : draw(scores[best]);
    seen.set(id);
    added.merge(id, 1, Integer::sum);
    return id;
  }

  private void penalise() {
    double repetition = sampling.repetitionPenalty();
    if (repetition != 1) {
      for (int id = seen.nextSetBit(0); id >= 0; id = seen.nextSetBit(id + 1)) {
        scores[id] = (float) (scores[id] > 0 ? scores[id] / repetition : scores[id] * repetition);
      }
    }
    double presence = sampling.presencePenalty();
    double frequency = sampling.frequencyPenalty();
    if (presence != 0 || frequency != 0) {
      added.forEach((id, times) -> scores[id] -= (float) (presence + frequency * times));
    }
  }

  private int likeliest() {
    int best = 0;
    for (int id = 0; id < scores.length; id++) {
      if (scores[id] > scores[best]) {
        best = id;
      }
      if (Float.isNaN(scores[id])) {
        best = id;
        break;
      }
    }
    if (!Float.isFinite(scores[best])) {
      throw new TantraException(
          ErrorKind.INTERNAL,
          "The model gave "
              + scores[best]
              + " as the logit of token "
              + best
              + "; a finite number is needed. Its weights are damaged, or overflow on this input.");
    }
    return best;
  }

  private int draw(float highest) {
    int[] ids = candidates();
    double[] weights = weights(ids, highest);
    if (sampling.topP() < 1) {
      double sum = Arrays.stream(weights).sum();
      if (sampling.topK() == 0) {
        ids = withoutTail(ids, weights, sum);
        weights = weights(ids, highest);
      }
      weights = Arrays.copyOf(weights, nucleus(weights, sum));
    }
    return ids[pick(weights)];
  }

  /// The `topK` best by rank, or all ids in their order.
  private int[] candidates() {
    if (sampling.topK() > 0) {
      return Ranking.top(scores, Math.min(sampling.topK(), scores.length));
    }
    int[] all = new int[scores.length];
    Arrays.setAll(all, id -> id);
    return all;
  }

  /// Probabilities up to a common factor; the likeliest token has 1.
  private double[] weights(int[] ids, float highest) {
    double[] weights = new double[ids.length];
    for (int i = 0; i < ids.length; i++) {
      double below = (double) scores[ids[i]] - highest;
      weights[i] = Math.exp(below / sampling.temperature());
    }
    return weights;
  }

  /// The ids that `topP` could keep, ranked. All tokens rarer than `(1 - topP) / vocab` weigh less
  /// than `1 - topP` together, so the sum is reached without them; dropping them saves most of the
  /// sorting.
  private int[] withoutTail(int[] ids, double[] weights, double sum) {
    double least = (1 - sampling.topP()) / ids.length * sum;
    int[] likely = new int[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (weights[i] >= least) {
        likely[count++] = ids[i];
      }
    }
    return Ranking.ranked(scores, Arrays.copyOf(likely, count));
  }

  /// How many of the ranked weights it takes to reach `topP` of the sum.
  private int nucleus(double[] weights, double sum) {
    double reached = 0;
    for (int i = 0; i < weights.length; i++) {
      reached += weights[i];
      if (reached >= sampling.topP() * sum) {
        return i + 1;
      }
    }
    return weights.length;
  }

  /// Draws an index in proportion to the weights, of which `minP` drops the small ones.
  private int pick(double[] weights) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight >= sampling.minP() ? weight : 0;
    }
    double target = uniform() * sum;
    int picked = 0;
    for (int i = 0; i < weights.length && target >= 0; i++) {
      if (weights[i] > 0 && weights[i] >= sampling.minP()) {
        picked = i;
        target -= weights[i];
      }
    }
    return picked;
  }

  /// A number in [0, 1) by SplitMix64, written out so that it never changes under a seed.
  ///
  /// @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood 2014</a>
  private double uniform() {
    randomState += 0x9E3779B97F4A7C15L;
    long mixed = (randomState ^ (randomState >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return ((mixed ^ (mixed >>> 31)) >>> 11) * 0x1p-53;
  }
}
