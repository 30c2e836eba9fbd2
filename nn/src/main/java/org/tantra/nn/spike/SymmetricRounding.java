package org.tantra.nn.spike;

/// Keys and values as 8-bit integers would hold them, one scale for each vector:
///
/// ```
/// scale = clamp(max(|x|) / 127, 1e-5, 1e4)
/// x'[i] = clamp(x[i] / scale, rounded, ties to even; -128, 127) · scale
/// ```
///
/// @see <a href="https://arxiv.org/abs/2509.05276">SpikingBrain Technical Report, section 3.3</a>
public final class SymmetricRounding {
  private static final float LOWEST_SCALE = 1e-5f;
  private static final float HIGHEST_SCALE = 1e4f;

  private SymmetricRounding() {}

  /// Rounds each row in place.
  ///
  /// @param x the first row begins at `at`
  public static void apply(float[] x, int at, int rows, int width) {
    for (int row = 0; row < rows; row++) {
      int from = at + row * width;
      float largest = 0;
      for (int i = from; i < from + width; i++) {
        largest = Math.max(largest, Math.abs(x[i]));
      }
      float scale = Math.clamp(largest / 127, LOWEST_SCALE, HIGHEST_SCALE);
      for (int i = from; i < from + width; i++) {
        x[i] = Math.clamp((float) Math.rint(x[i] / scale), -128f, 127f) * scale;
      }
    }
  }
}
