package org.tantra.plugin.longvita;

import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.LayerNorm;
import org.tantra.nn.RmsNorm;

/// A layer norm, or an RMS norm where there is no bias.
@FunctionalInterface
interface RowNorm {
  /// Normalises each row; `y` may be `x`.
  void apply(float[] y, float[] x, int tokens);

  static RowNorm of(VisionWeights.Norm norm, double epsilon) {
    TensorView bias = norm.bias();
    return bias == null
        ? new RmsNorm(norm.gain(), epsilon)::apply
        : new LayerNorm(norm.gain(), bias, epsilon)::apply;
  }

  /// @param gain null for no norm at all
  static RowNorm rms(@Nullable TensorView gain, double epsilon) {
    return gain == null ? (y, x, tokens) -> {} : new RmsNorm(gain, epsilon)::apply;
  }
}
