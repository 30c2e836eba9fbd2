package org.tantra.nn;

import org.tantra.nn.kernel.StateSpaceKernels;

/// A value that passes as far as a gate lets it.
///
/// @see <a href="https://arxiv.org/abs/1612.08083">Dauphin et al. 2017, section 2</a>
public final class SigmoidGate {
  private static final StateSpaceKernels KERNELS = StateSpaceKernels.current();

  private SigmoidGate() {}

  /// `y[i] = value[i] / (1 + exp(-gate[i]))` for the first `length` elements.
  ///
  /// With the gate as its own value this is `gate · sigmoid(gate)`, SiLU.
  ///
  /// @param y may be `value` or `gate`
  public static void apply(float[] y, float[] value, float[] gate, int length) {
    KERNELS.sigmoidGate(y, 0, value, 0, gate, 0, length);
  }
}
