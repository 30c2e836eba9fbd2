package org.tantra.nn;

import org.tantra.nn.kernel.KernelChoice;

/// How this process computes.
public final class Arithmetic {
  private Arithmetic() {}

  /// The kernels in use and why, for logs and for `doctor`: `vector, 512 bits`.
  public static String description() {
    return KernelChoice.current().reason();
  }
}
