package org.tantra.nn.spike;

/// Activations to signed spike counts and back, with one threshold for each row that follows its
/// mean magnitude:
///
/// ```
/// threshold = clamp(mean(|x|) / k, 1e-5, 1e4)
/// counts[i] = x[i] / threshold, rounded, ties to even
/// x'[i]     = counts[i] · threshold
/// ```
///
/// This is what remains of an integrate-and-fire neuron without leak and with soft reset once its
/// time steps are collapsed into one. A larger `k` makes finer steps and fewer zeros; towards
/// infinity `x'` becomes `x`, to half of the smallest threshold. Immutable.
///
/// @param k spikes that an activation of mean magnitude makes
/// @see <a href="https://arxiv.org/abs/2509.05276">SpikingBrain Technical Report, section 3.3</a>
public record SpikeCoding(float k) {
  private static final float LOWEST_THRESHOLD = 1e-5f;
  private static final float HIGHEST_THRESHOLD = 1e4f;

  /// @throws IllegalArgumentException if `k` is not above 0
  public SpikeCoding {
    if (!(k > 0)) {
      throw new IllegalArgumentException("k is " + k);
    }
  }

  /// The threshold of the row of `length` elements from `at` on.
  public float threshold(float[] x, int at, int length) {
    double sum = 0;
    for (int i = at; i < at + length; i++) {
      sum += Math.abs(x[i]);
    }
    float mean = (float) (sum / length);
    return Math.clamp(mean / k, LOWEST_THRESHOLD, HIGHEST_THRESHOLD);
  }

  /// Codes each row: `x` becomes what its spikes stand for.
  ///
  /// @param x `[rows, width]` from `at` on, changed in place
  /// @param counts `[rows, width]`, overwritten with integers
  /// @param thresholds `[rows]`, overwritten
  public void apply(float[] x, int at, int rows, int width, float[] counts, float[] thresholds) {
    for (int row = 0; row < rows; row++) {
      int rowAt = at + row * width;
      float threshold = threshold(x, rowAt, width);
      thresholds[row] = threshold;
      for (int i = 0; i < width; i++) {
        float count = (float) Math.rint(x[rowAt + i] / threshold);
        counts[row * width + i] = count;
        x[rowAt + i] = count * threshold;
      }
    }
  }
}
