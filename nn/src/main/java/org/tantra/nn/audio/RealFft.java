package org.tantra.nn.audio;

/// Discrete Fourier transform of real numbers, of any even size, and back, computed in F64. Sizes
/// whose prime factors are small (400, 512, 1024) are fast.
///
/// Used by one thread.
public final class RealFft {
  private final int size;
  private final ComplexFft half;
  private final double[] re;
  private final double[] im;
  private final double[] cosines;
  private final double[] sines;

  /// @throws IllegalArgumentException if `size` is not even, or not positive
  public RealFft(int size) {
    if (size < 2 || size % 2 != 0) {
      throw new IllegalArgumentException("no even size: " + size);
    }
    this.size = size;
    this.half = new ComplexFft(size / 2);
    this.re = new double[size / 2];
    this.im = new double[size / 2];
    this.cosines = new double[size / 2];
    this.sines = new double[size / 2];
    for (int k = 0; k < size / 2; k++) {
      cosines[k] = Math.cos(2 * Math.PI * k / size);
      sines[k] = Math.sin(2 * Math.PI * k / size);
    }
  }

  /// How many real numbers it takes.
  public int size() {
    return size;
  }

  /// How many complex numbers it gives: `size / 2 + 1`.
  public int bins() {
    return size / 2 + 1;
  }

  /// `X[k] = Σ x[n] exp(-2πi kn / size)` for the bins.
  ///
  /// @param x `[size]`
  /// @param outRe real parts, `[bins]`, overwritten
  /// @param outIm imaginary parts, `[bins]`, overwritten
  public void forward(double[] x, double[] outRe, double[] outIm) {
    int n = size / 2;
    for (int i = 0; i < n; i++) {
      re[i] = x[2 * i];
      im[i] = x[2 * i + 1];
    }
    half.forward(re, im);
    outRe[0] = re[0] + im[0];
    outIm[0] = 0;
    outRe[n] = re[0] - im[0];
    outIm[n] = 0;
    for (int k = 1; k < n; k++) {
      double evenRe = (re[k] + re[n - k]) / 2;
      double evenIm = (im[k] - im[n - k]) / 2;
      double oddRe = (im[k] + im[n - k]) / 2;
      double oddIm = (re[n - k] - re[k]) / 2;
      outRe[k] = evenRe + oddRe * cosines[k] + oddIm * sines[k];
      outIm[k] = evenIm + oddIm * cosines[k] - oddRe * sines[k];
    }
  }

  /// The inverse of [#forward]: the real numbers whose transform this is. Imaginary parts of the
  /// first and the last bin count as 0.
  ///
  /// @param inRe `[bins]`
  /// @param inIm `[bins]`
  /// @param x `[size]`, overwritten
  public void inverse(double[] inRe, double[] inIm, double[] x) {
    int n = size / 2;
    re[0] = (inRe[0] + inRe[n]) / 2;
    im[0] = -(inRe[0] - inRe[n]) / 2;
    for (int k = 1; k < n; k++) {
      double evenRe = (inRe[k] + inRe[n - k]) / 2;
      double evenIm = (inIm[k] - inIm[n - k]) / 2;
      double turnedRe = (inRe[k] - inRe[n - k]) / 2;
      double turnedIm = (inIm[k] + inIm[n - k]) / 2;
      double oddRe = turnedRe * cosines[k] - turnedIm * sines[k];
      double oddIm = turnedRe * sines[k] + turnedIm * cosines[k];
      // Conjugated, so that a forward transform computes the inverse.
      re[k] = evenRe - oddIm;
      im[k] = -(evenIm + oddRe);
    }
    half.forward(re, im);
    for (int i = 0; i < n; i++) {
      x[2 * i] = re[i] / n;
      x[2 * i + 1] = -im[i] / n;
    }
  }
}
