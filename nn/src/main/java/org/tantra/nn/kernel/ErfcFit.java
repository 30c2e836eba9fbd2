package org.tantra.nn.kernel;

/// The fit of the complementary error function that both kernels use: `erfc(z) ≈ t · exp(-z² +
/// P(t))`, `t = 1 / (1 + z/2)`, for `z >= 0`.
final class ErfcFit {
  /// Coefficients of `P`, highest power first.
  static final double[] COEFFICIENTS = {
    0.17087277,
    -0.82215223,
    1.48851587,
    -1.13520398,
    0.27886807,
    -0.18628806,
    0.09678418,
    0.37409196,
    1.00002368,
    -1.26551223
  };

  private ErfcFit() {}
}
