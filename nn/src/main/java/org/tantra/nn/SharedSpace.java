package org.tantra.nn;

import java.util.Arrays;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// The 768-wide space of every encoder: brings a vector of any width there, at unit length.
///
/// A shorter vector is filled with zeros, which keeps all inner products. A longer one goes through
/// a fixed map with orthonormal rows, which keeps them approximately: its signs are flipped by a
/// fixed pattern, and of its orthonormal cosine transform a fixed choice of 768 coefficients
/// remains. Single coordinates mean nothing then. Vectors of different encoders are not comparable.
///
/// @see <a href="https://doi.org/10.1137/090767911">Halko, Martinsson and Tropp 2011, section
///   4.6</a> (structured random maps)
public final class SharedSpace {
  /// Numbers in one embedding.
  public static final int WIDTH = 768;

  /// Begins the pattern of signs and the choice of coefficients; any other value would do as well.
  private static final long SEED = 0x54616e747261L;

  private SharedSpace() {}

  /// The vector in the space.
  ///
  /// @param vector any width from 1; not changed
  /// @return `[768]`, unit length; a vector of zeros has no direction and becomes the first axis
  /// @throws TantraException `CORRUPT` if a number is not finite, which sound weights never give
  public static float[] unit(float[] vector) {
    double[] wide = vector.length > WIDTH ? project(vector) : padded(vector);
    double square = 0;
    for (double value : wide) {
      square += value * value;
    }
    if (!Double.isFinite(square)) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "The encoder gave numbers that are not finite. Its weights are damaged; run 'tantra"
              + " validate'.");
    }
    float[] unit = new float[WIDTH];
    if (square == 0) {
      unit[0] = 1;
      return unit;
    }
    double length = Math.sqrt(square);
    for (int i = 0; i < WIDTH; i++) {
      unit[i] = (float) (wide[i] / length);
    }
    return unit;
  }

  /// The mean of vectors of one width, such as those of a video's frames.
  ///
  /// @throws IllegalArgumentException if there are none, or their widths differ
  public static float[] mean(Iterable<float[]> vectors) {
    double[] sum = null;
    int count = 0;
    for (float[] vector : vectors) {
      if (sum == null) {
        sum = new double[vector.length];
      }
      if (sum.length != vector.length) {
        throw new IllegalArgumentException(vector.length + " numbers after " + sum.length);
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] += vector[i];
      }
      count++;
    }
    if (sum == null) {
      throw new IllegalArgumentException("no vectors");
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / count);
    }
    return mean;
  }

  private static double[] padded(float[] vector) {
    double[] wide = new double[WIDTH];
    for (int i = 0; i < vector.length; i++) {
      wide[i] = vector[i];
    }
    return wide;
  }

  private static double[] project(float[] vector) {
    int n = vector.length;
    double[] flipped = new double[n];
    for (int j = 0; j < n; j++) {
      flipped[j] = mix(SEED + j) < 0 ? -vector[j] : vector[j];
    }
    // cos(π (2j + 1) k / 2n) repeats after 4n.
    double[] cosines = new double[4 * n];
    for (int m = 0; m < cosines.length; m++) {
      cosines[m] = Math.cos(Math.PI * m / (2 * n));
    }
    int[] chosen = coefficients(n);
    double[] wide = new double[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      int k = chosen[i];
      double sum = 0;
      for (int j = 0; j < n; j++) {
        sum += flipped[j] * cosines[(int) ((2L * j + 1) * k % cosines.length)];
      }
      wide[i] = sum * (k == 0 ? Math.sqrt(0.5) : 1);
    }
    return wide;
  }

  /// 768 of the numbers below `n`, by a fixed shuffle.
  private static int[] coefficients(int n) {
    int[] all = new int[n];
    Arrays.setAll(all, i -> i);
    for (int i = 0; i < WIDTH; i++) {
      int other = i + (int) Long.remainderUnsigned(mix(~SEED + i), n - i);
      int kept = all[other];
      all[other] = all[i];
      all[i] = kept;
    }
    return all;
  }

  /// SplitMix64's mixing of a counter.
  private static long mix(long counter) {
    long z = counter * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
