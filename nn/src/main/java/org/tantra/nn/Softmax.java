package org.tantra.nn;

import org.tantra.nn.kernel.KernelChoice;

/// Scores to probabilities.
public final class Softmax {
  private Softmax() {}

  /// `x[i] = exp(x[i]) / Σ exp(x[j])` over the elements `at` until `at + length`, in place; large
  /// scores do not overflow.
  public static void apply(float[] x, int at, int length) {
    KernelChoice.current().kernels().softmax(x, at, length);
  }
}
