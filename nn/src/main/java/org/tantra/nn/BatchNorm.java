package org.tantra.nn;

import org.tantra.api.tensor.TensorView;

/// Batch normalisation with the statistics of training, folded to one factor and one addend for
/// each channel.
///
/// `y[t][c] = (x[t][c] - mean[c]) / sqrt(variance[c] + epsilon) · gain[c] + bias[c]`.
///
/// @see <a href="https://arxiv.org/abs/1502.03167">Ioffe and Szegedy 2015</a>
public final class BatchNorm {
  private final float[] factor;
  private final float[] addend;

  /// All of `[channels]`; nothing is kept of them.
  ///
  /// @throws IllegalArgumentException if they differ in length
  public BatchNorm(
      TensorView gain, TensorView bias, TensorView mean, TensorView variance, double epsilon) {
    float[] gains = gain.toFloats();
    float[] biases = bias.toFloats();
    float[] means = mean.toFloats();
    float[] variances = variance.toFloats();
    if (biases.length != gains.length
        || means.length != gains.length
        || variances.length != gains.length) {
      throw new IllegalArgumentException("statistics of different channels");
    }
    this.factor = new float[gains.length];
    this.addend = new float[gains.length];
    for (int c = 0; c < gains.length; c++) {
      double scale = gains[c] / Math.sqrt(variances[c] + epsilon);
      factor[c] = (float) scale;
      addend[c] = (float) (biases[c] - means[c] * scale);
    }
  }

  /// In place.
  ///
  /// @param x `[frames, channels]`
  public void apply(float[] x, int frames) {
    int channels = factor.length;
    for (int t = 0; t < frames; t++) {
      for (int c = 0; c < channels; c++) {
        x[t * channels + c] = x[t * channels + c] * factor[c] + addend[c];
      }
    }
  }

  /// Bytes of both rows.
  public long ownBytes() {
    return factor.length * 8L;
  }
}
