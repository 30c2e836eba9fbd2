package org.tantra.plugin.coqui;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;
import org.tantra.nn.Conv1d;
import org.tantra.nn.Linear;

/// Location-sensitive attention with what the reference implementation adds when speaking: a
/// window, forward recursion, its mask, and the transition agent.
///
/// `e = v · tanh(W query + U location + V encoded)`; location is a convolution over the weights of
/// the step before and over the sum of all before.
///
/// @see <a href="https://arxiv.org/abs/1506.07503">Chorowski et al. 2015 (location)</a>
/// @see <a href="https://arxiv.org/abs/1807.06736">Zhang et al. 2018 (forward attention)</a>
final class TacotronAttention {
  /// How many characters the window reaches back from the last peak, and on from it.
  private static final int WINDOW_BACK = 2;

  private static final int WINDOW_FRONT = 6;

  private static final double NEVER_ZERO = 1e-7;
  private static final double TO_DIVIDE_BY = 1e-8;

  /// Share of the peak that the forward mask leaves to the character before last.
  private static final double SMOOTHING = 0.01;

  private final TacotronConfig config;
  private final Linear query;
  private final Linear inputs;
  private final Linear energy;
  private final @Nullable Conv1d locationConvolution;
  private final @Nullable Linear locationDense;
  private final @Nullable Linear agent;
  private final int width;
  private final int encoded;

  TacotronAttention(
      NamedWeights weights, TacotronConfig config, int queryWidth, int encoded, Compute compute) {
    this.config = config;
    this.encoded = encoded;
    String name = "decoder.attention.";
    this.width = weights.size(name + "query_layer.linear_layer.weight", 2, 0);
    this.query =
        Linear.rows(
            weights.weight(name + "query_layer.linear_layer.weight", width, queryWidth),
            null,
            compute);
    this.inputs =
        Linear.rows(
            weights.weight(name + "inputs_layer.linear_layer.weight", width, encoded),
            null,
            compute);
    this.energy =
        Linear.rows(
            weights.weight(name + "v.linear_layer.weight", 1, width),
            weights.weight(name + "v.linear_layer.bias", 1),
            compute);
    if (config.location()) {
      String convolution = name + "location_layer.location_conv1d.weight";
      int filters = weights.size(convolution, 3, 0);
      int kernel = weights.size(convolution, 3, 2);
      if (kernel % 2 == 0) {
        throw TacotronConfig.mismatch("Weight '" + convolution + "' has an even kernel.");
      }
      this.locationConvolution =
          new Conv1d(
              weights.weight(convolution, filters, 2, kernel), null, 1, (kernel - 1) / 2, compute);
      this.locationDense =
          Linear.rows(
              weights.weight(
                  name + "location_layer.location_dense.linear_layer.weight", width, filters),
              null,
              compute);
    } else {
      this.locationConvolution = null;
      this.locationDense = null;
    }
    this.agent =
        config.forward() && config.transitionAgent()
            ? Linear.rows(
                weights.weight(name + "ta.weight", 1, (long) encoded + queryWidth),
                weights.weight(name + "ta.bias", 1),
                compute)
            : null;
  }

  /// The encoded characters as every step compares the query with them, `[characters, width]`.
  float[] prepare(float[] characters, int count) {
    float[] prepared = new float[count * width];
    inputs.apply(prepared, characters, count);
    return prepared;
  }

  /// Where one sentence is being looked at. Used by one thread.
  final class Gaze {
    private final float[] characters;
    private final float[] prepared;
    private final int count;
    private final float[] queried = new float[width];
    private final float[] scored;
    private final float[] energies;
    private final float[] locationInput;
    private final float[] locations;
    private final double[] weights;
    private final double[] cumulative;
    private final double[] alpha;
    private final float[] context = new float[encoded];
    private double transition = 0.5;
    private int window = -1;

    /// @param characters encoded, `[count, encoded]`
    Gaze(float[] characters, float[] prepared, int count) {
      this.characters = characters;
      this.prepared = prepared;
      this.count = count;
      this.scored = new float[count * width];
      this.energies = new float[count];
      this.locationInput = new float[count * 2];
      this.locations = new float[count * width];
      this.weights = new double[count];
      this.cumulative = new double[count];
      this.alpha = new double[count];
      Arrays.fill(alpha, NEVER_ZERO);
      alpha[0] = 1;
    }

    /// What was looked at last, `[encoded]`; zeros before the first step.
    float[] context() {
      return context;
    }

    /// The weights of the last step, `[count]`.
    double[] weights() {
      return weights;
    }

    /// Looks on.
    ///
    /// @param state output of the attention cell
    void step(float[] state) {
      score(state);
      if (config.windowing()) {
        lookThroughWindow();
      }
      normalise();
      for (int i = 0; i < count; i++) {
        cumulative[i] += weights[i];
      }
      if (config.forward()) {
        moveForward();
      }
      sumUp();
      if (agent != null) {
        transition = transition(agent, state);
      }
    }

    private void score(float[] state) {
      query.apply(queried, state, 1);
      if (locationConvolution != null && locationDense != null) {
        for (int i = 0; i < count; i++) {
          locationInput[2 * i] = (float) weights[i];
          locationInput[2 * i + 1] = (float) cumulative[i];
        }
        locationDense.apply(locations, locationConvolution.apply(locationInput, count), count);
      }
      for (int i = 0; i < count; i++) {
        for (int c = 0; c < width; c++) {
          int at = i * width + c;
          scored[at] = (float) Math.tanh(queried[c] + locations[at] + prepared[at]);
        }
      }
      energy.apply(energies, scored, count);
    }

    private void lookThroughWindow() {
      int back = window - WINDOW_BACK;
      int front = window + WINDOW_FRONT;
      if (back > 0) {
        Arrays.fill(energies, 0, Math.min(back, count), Float.NEGATIVE_INFINITY);
      }
      if (front < count) {
        Arrays.fill(energies, front, count, Float.NEGATIVE_INFINITY);
      }
      int peak = peak();
      if (window == -1) {
        energies[0] = energies[peak];
        peak = 0;
      }
      window = peak;
    }

    private int peak() {
      int peak = 0;
      for (int i = 1; i < count; i++) {
        peak = energies[i] > energies[peak] ? i : peak;
      }
      return peak;
    }

    private void normalise() {
      double shift = config.sigmoidNorm() ? 0 : energies[peak()];
      double sum = 0;
      for (int i = 0; i < count; i++) {
        double power = Math.exp(energies[i] - shift);
        weights[i] = config.sigmoidNorm() ? 1 / (1 + Math.exp(-energies[i])) : power;
        sum += weights[i];
      }
      for (int i = 0; i < count; i++) {
        weights[i] /= sum;
      }
    }

    private void moveForward() {
      double largest = 0;
      int peak = 0;
      double[] moved = new double[count];
      for (int i = 0; i < count; i++) {
        double shifted = i == 0 ? 0 : alpha[i - 1];
        double before = peak == 0 ? 0 : alpha[peak - 1];
        peak = shifted > before ? i : peak;
        moved[i] = ((1 - transition) * alpha[i] + transition * shifted + TO_DIVIDE_BY) * weights[i];
        largest = Math.max(largest, moved[i]);
      }
      if (config.forwardMask()) {
        mask(moved, peak, SMOOTHING * largest);
      }
      double sum = Arrays.stream(moved).sum();
      for (int i = 0; i < count; i++) {
        alpha[i] = moved[i] / sum;
        weights[i] = alpha[i];
      }
    }

    /// Indexes below 0 count from the end, as in the reference implementation.
    private void mask(double[] moved, int peak, double smoothed) {
      if (peak + 3 < count) {
        Arrays.fill(moved, peak + 3, count, 0);
      }
      int end = peak - 1 < 0 ? Math.max(0, peak - 1 + count) : peak - 1;
      Arrays.fill(moved, 0, end, 0);
      int smooth = peak - 2 < 0 ? peak - 2 + count : peak - 2;
      if (smooth >= 0) {
        moved[smooth] = smoothed;
      }
    }

    private void sumUp() {
      double[] sums = new double[encoded];
      for (int i = 0; i < count; i++) {
        double weight = weights[i];
        for (int c = 0; c < encoded; c++) {
          sums[c] += weight * characters[i * encoded + c];
        }
      }
      for (int c = 0; c < encoded; c++) {
        context[c] = (float) sums[c];
      }
    }

    private double transition(Linear agent, float[] state) {
      float[] input = Arrays.copyOf(context, encoded + state.length);
      System.arraycopy(state, 0, input, encoded, state.length);
      float[] out = new float[1];
      agent.apply(out, input, 1);
      return 1 / (1 + Math.exp(-out[0]));
    }
  }

  /// Looks at a sentence for the first time.
  Gaze begin(float[] characters, int count) {
    return new Gaze(characters, prepare(characters, count), count);
  }
}
