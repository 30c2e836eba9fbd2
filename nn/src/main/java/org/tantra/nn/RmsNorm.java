package org.tantra.nn;

import org.tantra.api.tensor.TensorView;
import org.tantra.nn.kernel.StateSpaceKernels;

/// Root-mean-square normalisation with gain: `y[i] = x[i] / sqrt(mean(x²) + epsilon) · gain[i]`.
///
/// With several groups each run of `hidden / groups` elements has a mean of its own.
///
/// @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich 2019</a>
public final class RmsNorm {
  private final StateSpaceKernels kernels = StateSpaceKernels.current();
  private final float[] gain;
  private final int groups;
  private final float epsilon;

  /// @param gain `[hidden]`, copied
  public RmsNorm(TensorView gain, double epsilon) {
    this(gain, 1, epsilon);
  }

  /// @param gain `[hidden]`, copied
  /// @throws IllegalArgumentException if `hidden` is no multiple of `groups`
  public RmsNorm(TensorView gain, int groups, double epsilon) {
    this.gain = gain.toFloats();
    this.groups = groups;
    this.epsilon = (float) epsilon;
    if (this.gain.length % groups != 0) {
      throw new IllegalArgumentException("gain " + gain.shape() + " in " + groups + " groups");
    }
  }

  /// Normalises each row.
  ///
  /// @param y `[tokens, hidden]`; may be `x`
  /// @param x `[tokens, hidden]`
  public void apply(float[] y, float[] x, int tokens) {
    int width = gain.length / groups;
    for (int row = 0; row < tokens * groups; row++) {
      int gainAt = row % groups * width;
      kernels.rmsNorm(y, row * width, x, row * width, gain, gainAt, width, epsilon);
    }
  }

  /// Bytes of the copy.
  public long ownBytes() {
    return gain.length * 4L;
  }
}
