package org.tantra.nn.audio;

import java.util.ArrayList;
import java.util.List;

/// Discrete Fourier transform of complex numbers, of any size: Stockham's self-sorting passes, one
/// for each factor of the size. A size with a large prime factor `p` costs `size · p`.
///
/// Used by one thread.
///
/// @see <a href="https://doi.org/10.1016/0021-9991(84)90023-4">Temperton 1983 (mixed radix)</a>
final class ComplexFft {
  private final int size;
  private final int[] radices;
  private final double[] cosines;
  private final double[] sines;
  private final double[] otherRe;
  private final double[] otherIm;

  ComplexFft(int size) {
    this.size = size;
    this.radices = radices(size);
    this.cosines = new double[size];
    this.sines = new double[size];
    for (int i = 0; i < size; i++) {
      cosines[i] = Math.cos(-2 * Math.PI * i / size);
      sines[i] = Math.sin(-2 * Math.PI * i / size);
    }
    this.otherRe = new double[size];
    this.otherIm = new double[size];
  }

  private static int[] radices(int size) {
    List<Integer> factors = new ArrayList<>();
    int rest = size;
    while (rest % 4 == 0) {
      factors.add(4);
      rest /= 4;
    }
    for (int p = 2; p <= rest; p++) {
      while (rest % p == 0) {
        factors.add(p);
        rest /= p;
      }
    }
    return factors.stream().mapToInt(Integer::intValue).toArray();
  }

  /// Replaces `size` numbers by their transform `X[k] = Σ x[n] exp(-2πi kn / size)`.
  void forward(double[] re, double[] im) {
    double[] fromRe = re;
    double[] fromIm = im;
    double[] toRe = otherRe;
    double[] toIm = otherIm;
    int stride = 1;
    int length = size;
    for (int radix : radices) {
      switch (radix) {
        case 2 -> pass2(fromRe, fromIm, toRe, toIm, length, stride);
        case 4 -> pass4(fromRe, fromIm, toRe, toIm, length, stride);
        default -> pass(fromRe, fromIm, toRe, toIm, length, stride, radix);
      }
      double[] swap = fromRe;
      fromRe = toRe;
      toRe = swap;
      swap = fromIm;
      fromIm = toIm;
      toIm = swap;
      length /= radix;
      stride *= radix;
    }
    if (radices.length % 2 == 1) {
      System.arraycopy(fromRe, 0, re, 0, size);
      System.arraycopy(fromIm, 0, im, 0, size);
    }
  }

  private void pass2(
      double[] xRe, double[] xIm, double[] yRe, double[] yIm, int length, int stride) {
    int half = length / 2;
    for (int p = 0; p < half; p++) {
      double c = cosines[p * stride];
      double s = sines[p * stride];
      for (int q = 0; q < stride; q++) {
        int a = q + stride * p;
        int b = a + stride * half;
        int y = q + stride * 2 * p;
        double re = xRe[a] - xRe[b];
        double im = xIm[a] - xIm[b];
        yRe[y] = xRe[a] + xRe[b];
        yIm[y] = xIm[a] + xIm[b];
        yRe[y + stride] = re * c - im * s;
        yIm[y + stride] = re * s + im * c;
      }
    }
  }

  private void pass4(
      double[] xRe, double[] xIm, double[] yRe, double[] yIm, int length, int stride) {
    int quarter = length / 4;
    int apart = stride * quarter;
    for (int p = 0; p < quarter; p++) {
      for (int q = 0; q < stride; q++) {
        int a = q + stride * p;
        double evenRe = xRe[a] + xRe[a + 2 * apart];
        double evenIm = xIm[a] + xIm[a + 2 * apart];
        double oddRe = xRe[a + apart] + xRe[a + 3 * apart];
        double oddIm = xIm[a + apart] + xIm[a + 3 * apart];
        double lowRe = xRe[a] - xRe[a + 2 * apart];
        double lowIm = xIm[a] - xIm[a + 2 * apart];
        double highRe = xRe[a + apart] - xRe[a + 3 * apart];
        double highIm = xIm[a + apart] - xIm[a + 3 * apart];
        int y = q + stride * 4 * p;
        yRe[y] = evenRe + oddRe;
        yIm[y] = evenIm + oddIm;
        turn(yRe, yIm, y + stride, lowRe + highIm, lowIm - highRe, p * stride);
        turn(yRe, yIm, y + 2 * stride, evenRe - oddRe, evenIm - oddIm, 2 * p * stride);
        turn(yRe, yIm, y + 3 * stride, lowRe - highIm, lowIm + highRe, 3 * p * stride);
      }
    }
  }

  /// Puts a number times `exp(-2πi step / size)`.
  private void turn(double[] yRe, double[] yIm, int y, double re, double im, int step) {
    yRe[y] = re * cosines[step] - im * sines[step];
    yIm[y] = re * sines[step] + im * cosines[step];
  }

  private void pass(
      double[] xRe, double[] xIm, double[] yRe, double[] yIm, int length, int stride, int radix) {
    int part = length / radix;
    int apart = stride * part;
    int circle = size / radix;
    for (int p = 0; p < part; p++) {
      for (int q = 0; q < stride; q++) {
        int a = q + stride * p;
        for (int k = 0; k < radix; k++) {
          double re = xRe[a];
          double im = xIm[a];
          for (int r = 1; r < radix; r++) {
            int step = (int) ((long) r * k % radix) * circle;
            double c = cosines[step];
            double s = sines[step];
            double fromRe = xRe[a + r * apart];
            double fromIm = xIm[a + r * apart];
            re += fromRe * c - fromIm * s;
            im += fromRe * s + fromIm * c;
          }
          turn(yRe, yIm, q + stride * (radix * p + k), re, im, p * k * stride);
        }
      }
    }
  }
}
