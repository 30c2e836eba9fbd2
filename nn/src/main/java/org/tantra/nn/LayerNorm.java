package org.tantra.nn;

import org.tantra.api.tensor.TensorView;
import org.tantra.nn.kernel.KernelChoice;
import org.tantra.nn.kernel.Kernels;

/// Layer normalisation with gain and bias: `y[i] = (x[i] - mean) / sqrt(variance + epsilon) ·
/// gain[i] + bias[i]`.
///
/// @see <a href="https://arxiv.org/abs/1607.06450">Ba, Kiros and Hinton 2016</a>
public final class LayerNorm {
  private final Kernels kernels = KernelChoice.current().kernels();
  private final float[] gain;
  private final float[] bias;
  private final float epsilon;

  /// @param gain `[hidden]`, copied
  /// @param bias `[hidden]`, copied
  /// @throws IllegalArgumentException if they differ in size
  public LayerNorm(TensorView gain, TensorView bias, double epsilon) {
    this.gain = gain.toFloats();
    this.bias = bias.toFloats();
    this.epsilon = (float) epsilon;
    if (this.gain.length != this.bias.length) {
      throw new IllegalArgumentException("gain " + gain.shape() + ", bias " + bias.shape());
    }
  }

  /// Normalises each row.
  ///
  /// @param y `[tokens, hidden]`; may be `x`
  /// @param x `[tokens, hidden]`
  public void apply(float[] y, float[] x, int tokens) {
    for (int t = 0; t < tokens; t++) {
      kernels.layerNorm(y, t * gain.length, x, t * gain.length, gain, bias, epsilon);
    }
  }

  /// Bytes of the copies.
  public long ownBytes() {
    return (gain.length + bias.length) * 4L;
  }
}
