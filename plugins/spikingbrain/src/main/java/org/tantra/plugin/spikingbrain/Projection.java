package org.tantra.plugin.spikingbrain;

import org.tantra.nn.Linear;
import org.tantra.nn.Linears;
import org.tantra.nn.spike.RoundedLinear;

/// A linear map of a layer, with its weight as it is or rounded to multiples of its scales.
sealed interface Projection {
  record Plain(Linear map) implements Projection {}

  record Rounded(RoundedLinear map) implements Projection {}

  static Projection of(GlaSwaWeights.Map weights, Linears linears) {
    return weights.scales() == null
        ? new Plain(linears.rows(weights.weight(), weights.bias()))
        : new Rounded(
            new RoundedLinear(
                weights.weight(), weights.scales(), weights.bias(), linears.compute()));
  }

  /// `y[t] = W x[t] + b`
  default void apply(float[] y, float[] x, int tokens) {
    switch (this) {
      case Plain(Linear map) -> map.apply(y, x, tokens);
      case Rounded(RoundedLinear map) -> map.apply(y, x, tokens);
    }
  }

  default long ownBytes() {
    return switch (this) {
      case Plain(Linear map) -> map.ownBytes();
      case Rounded(RoundedLinear map) -> map.ownBytes();
    };
  }
}
