package org.tantra.nn;

import org.tantra.nn.kernel.StateSpaceKernels;

/// The smooth rectifier.
public final class Softplus {
  private static final StateSpaceKernels KERNELS = StateSpaceKernels.current();

  private Softplus() {}

  /// `x[i] = log(1 + exp(x[i]))` over the elements `at` until `at + length`, in place; large values
  /// do not overflow, small ones keep their relative precision.
  public static void apply(float[] x, int at, int length) {
    KERNELS.softplus(x, at, length);
  }
}
