package org.tantra.nn.kernel;

/// Which kernels this process uses, and why. Chosen once.
///
/// @param kernels the kernels
/// @param reason for people: `vector, 512 bits` or what stands in the way
public record KernelChoice(Kernels kernels, String reason) {
  /// Set to `scalar` to do without the Vector API.
  static final String PROPERTY = "tantra.kernels";

  private static final String MODULE = "jdk.incubator.vector";

  private static final KernelChoice CURRENT =
      choose(System.getProperty(PROPERTY, ""), ModuleLayer.boot().findModule(MODULE).isPresent());

  /// The choice of this process.
  public static KernelChoice current() {
    return CURRENT;
  }

  static KernelChoice choose(String wanted, boolean vectorModule) {
    if (wanted.equals("scalar")) {
      return new KernelChoice(
          new ScalarKernels(), "scalar, asked for by -D" + PROPERTY + "=scalar");
    }
    if (!vectorModule) {
      return new KernelChoice(
          new ScalarKernels(),
          "scalar, the Vector API is missing; start Java with --add-modules " + MODULE);
    }
    if (VectorKernels.BITS < 128) {
      return new KernelChoice(new ScalarKernels(), "scalar, this CPU has no wide vectors");
    }
    return new KernelChoice(new VectorKernels(), "vector, " + VectorKernels.BITS + " bits");
  }
}
