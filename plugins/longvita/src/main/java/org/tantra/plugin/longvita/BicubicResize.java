package org.tantra.plugin.longvita;

import org.tantra.media.Picture;

/// Resizes pictures as Pillow's `BICUBIC` does, to the bit: a = -0.5, antialiased when it shrinks,
/// weights in fixed point with 22 fractional bits, across first and then down, each pass rounded to
/// 8 bits. A pass is left out when the size does not change.
final class BicubicResize {
  private static final double A = -0.5;

  /// Fractional bits of the weights, so that 255 times their sum fits an int.
  private static final int PRECISION = 22;

  private BicubicResize() {}

  static Picture resized(Picture picture, int width, int height) {
    Picture across = picture;
    if (picture.width() != width) {
      across = pass(picture, width, true);
    }
    return across.height() == height ? across : pass(across, height, false);
  }

  private static Picture pass(Picture picture, int size, boolean across) {
    int from = across ? picture.width() : picture.height();
    Taps[] taps = new Taps[size];
    for (int i = 0; i < size; i++) {
      taps[i] = new Taps(i, from, size);
    }
    int width = across ? size : picture.width();
    int height = across ? picture.height() : size;
    byte[] source = picture.rgb();
    byte[] rgb = new byte[3 * width * height];
    int step = across ? 3 : 3 * picture.width();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        Taps tap = taps[across ? x : y];
        int at = across ? 3 * (y * picture.width() + tap.first) : 3 * (tap.first * width + x);
        int to = 3 * (y * width + x);
        for (int c = 0; c < 3; c++) {
          int sum = 1 << (PRECISION - 1);
          for (int k = 0; k < tap.weights.length; k++) {
            sum += (source[at + k * step + c] & 0xff) * tap.weights[k];
          }
          rgb[to + c] = (byte) Math.clamp(sum >> PRECISION, 0, 255);
        }
      }
    }
    return new Picture(width, height, rgb);
  }

  /// What one result is made of: neighbours from `first` on.
  private static final class Taps {
    final int first;
    final int[] weights;

    Taps(int index, int from, int to) {
      double scale = (double) from / to;
      double filterScale = Math.max(scale, 1);
      double support = 2 * filterScale;
      double centre = (index + 0.5) * scale;
      first = Math.max(0, (int) (centre - support + 0.5));
      int end = Math.min(from, (int) (centre + support + 0.5));
      double[] real = new double[end - first];
      double sum = 0;
      for (int k = 0; k < real.length; k++) {
        real[k] = cubic((k + first - centre + 0.5) / filterScale);
        sum += real[k];
      }
      weights = new int[real.length];
      for (int k = 0; k < real.length; k++) {
        double weight = sum == 0 ? real[k] : real[k] / sum;
        double fixed = weight * (1 << PRECISION);
        weights[k] = (int) (fixed < 0 ? fixed - 0.5 : fixed + 0.5);
      }
    }

    private static double cubic(double at) {
      double x = Math.abs(at);
      if (x < 1) {
        return ((A + 2) * x - (A + 3)) * x * x + 1;
      }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
  }
}
