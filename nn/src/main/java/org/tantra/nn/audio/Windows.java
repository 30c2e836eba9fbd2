package org.tantra.nn.audio;

/// Weights that fade a frame in and out.
public final class Windows {
  private Windows() {}

  /// Periodic Hann window `0.5 - 0.5 cos(2πn / length)`, rounded to F32 as the reference
  /// implementations have it.
  public static double[] hann(int length) {
    double[] window = new double[length];
    for (int n = 0; n < length; n++) {
      window[n] = (float) (0.5 - 0.5 * Math.cos(2 * Math.PI * n / length));
    }
    return window;
  }

  /// A window in the middle of a longer one that is 0 elsewhere.
  public static double[] centred(double[] window, int length) {
    double[] wide = new double[length];
    System.arraycopy(window, 0, wide, (length - window.length) / 2, window.length);
    return wide;
  }
}
