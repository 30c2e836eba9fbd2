package org.tantra.plugin.coqui;

import org.tantra.api.Compute;
import org.tantra.nn.BatchNorm;
import org.tantra.nn.Conv1d;

/// A convolution with batch normalisation, as the encoder and the post-net stack them.
final class ConvBlock {
  /// Of every batch normalisation in the reference implementation.
  static final double EPSILON = 1e-5;

  private final Conv1d convolution;
  private final BatchNorm norm;

  /// @param name such as `encoder.convolutions.0.`
  ConvBlock(NamedWeights weights, String name, int in, Compute compute) {
    String weight = name + "convolution1d.weight";
    int out = weights.size(weight, 3, 0);
    int kernel = weights.size(weight, 3, 2);
    if (kernel % 2 == 0) {
      throw TacotronConfig.mismatch(
          "Weight '" + weight + "' has an even kernel of " + kernel + ".");
    }
    this.convolution =
        new Conv1d(
            weights.weight(weight, out, in, kernel),
            weights.weight(name + "convolution1d.bias", out),
            1,
            (kernel - 1) / 2,
            compute);
    this.norm = batchNorm(weights, name + "batch_normalization.", out);
  }

  static BatchNorm batchNorm(NamedWeights weights, String name, int channels) {
    return new BatchNorm(
        weights.weight(name + "weight", channels),
        weights.weight(name + "bias", channels),
        weights.weight(name + "running_mean", channels),
        weights.weight(name + "running_var", channels),
        EPSILON);
  }

  int out() {
    return convolution.out();
  }

  /// @param x `[frames, in]`
  /// @return `[frames, out]`, an array of its own
  float[] apply(float[] x, int frames) {
    float[] y = convolution.apply(x, frames);
    norm.apply(y, frames);
    return y;
  }

  long ownBytes() {
    return convolution.ownBytes() + norm.ownBytes();
  }
}
