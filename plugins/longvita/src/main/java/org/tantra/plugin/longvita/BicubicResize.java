package org.tantra.plugin.longvita;

import java.util.Arrays;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.media.Picture;
import org.tantra.media.Pictures;

/// Resizes pictures as Pillow's `BICUBIC` does, to the bit: a = -0.5, antialiased when it shrinks,
/// weights in fixed point with 22 fractional bits, across first and then down, each pass rounded to
/// 8 bits. A pass is left out when the size does not change, and a picture that is more than a
/// hundred times as high as wide is shrunk down first, as `Image.resize` of Pillow 12 does.
final class BicubicResize {
  private static final double A = -0.5;

  /// Fractional bits of the weights, so that 255 times their sum fits an int.
  private static final int PRECISION = 22;

  private static final int TALL = 100;

  private BicubicResize() {}

  /// @throws TantraException `INVALID` about `image` if it is so long and thin that the picture
  ///   between the two passes would be too large
  static Picture resized(Picture picture, int width, int height) {
    int from = picture.height();
    if (from > (long) TALL * picture.width() && height < from) {
      return across(down(picture, Axis.whole(from, height)), Axis.whole(picture.width(), width));
    }
    return down(across(picture, Axis.whole(picture.width(), width)), Axis.whole(from, height));
  }

  /// Resizes as if the picture lay in the middle of a square of one colour, which need not be
  /// there.
  ///
  /// @param ground of the square
  static Picture squared(Picture picture, int side, Preprocessing.Colour ground) {
    int size = Math.max(picture.width(), picture.height());
    Axis horizontal = new Axis(size, side, (size - picture.width()) / 2, picture.width(), ground);
    Axis vertical = new Axis(size, side, (size - picture.height()) / 2, picture.height(), ground);
    return down(across(picture, horizontal), vertical);
  }

  /// How one direction is resized.
  ///
  /// @param from pixels of the ground
  /// @param to pixels of the result
  /// @param offset first pixel of the ground that the picture covers
  /// @param covered how many it covers
  private record Axis(int from, int to, int offset, int covered, Preprocessing.Colour ground) {
    static Axis whole(int from, int to) {
      return new Axis(from, to, 0, from, new Preprocessing.Colour(0, 0, 0));
    }

    Taps[] taps() {
      Taps[] taps = new Taps[to];
      for (int i = 0; i < to; i++) {
        taps[i] = new Taps(this, i);
      }
      return taps;
    }
  }

  private static Picture across(Picture picture, Axis axis) {
    if (axis.from() == axis.to() && axis.covered() == axis.to()) {
      return picture;
    }
    int height = picture.height();
    byte[] source = picture.rgb();
    byte[] rgb = pixels(picture, axis.to(), height);
    Taps[] taps = axis.taps();
    int to = 0;
    for (int y = 0; y < height; y++) {
      int row = 3 * y * picture.width();
      for (Taps tap : taps) {
        int red = tap.start(0);
        int green = tap.start(1);
        int blue = tap.start(2);
        int at = row + 3 * tap.first;
        for (int weight : tap.weights) {
          red += (source[at] & 0xff) * weight;
          green += (source[at + 1] & 0xff) * weight;
          blue += (source[at + 2] & 0xff) * weight;
          at += 3;
        }
        rgb[to] = level(red);
        rgb[to + 1] = level(green);
        rgb[to + 2] = level(blue);
        to += 3;
      }
    }
    return new Picture(axis.to(), height, rgb);
  }

  private static Picture down(Picture picture, Axis axis) {
    if (axis.from() == axis.to() && axis.covered() == axis.to()) {
      return picture;
    }
    int length = 3 * picture.width();
    byte[] source = picture.rgb();
    byte[] rgb = pixels(picture, picture.width(), axis.to());
    int[] sums = new int[length];
    int to = 0;
    for (Taps tap : axis.taps()) {
      for (int i = 0; i < length; i++) {
        sums[i] = tap.start(i % 3);
      }
      int at = tap.first * length;
      for (int weight : tap.weights) {
        for (int i = 0; i < length; i++) {
          sums[i] += (source[at + i] & 0xff) * weight;
        }
        at += length;
      }
      for (int i = 0; i < length; i++) {
        rgb[to + i] = level(sums[i]);
      }
      to += length;
    }
    return new Picture(picture.width(), axis.to(), rgb);
  }

  private static byte[] pixels(Picture picture, int width, int height) {
    if ((long) width * height > Pictures.MAXIMUM_PIXELS) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The picture is %d x %d pixels, too long and thin to be resized for the model. Cut it into parts, or scale it down."
                  .formatted(picture.width(), picture.height()))
          .about("image");
    }
    return new byte[3 * width * height];
  }

  private static byte level(int sum) {
    return (byte) Math.clamp(sum >> PRECISION, 0, 255);
  }

  /// What one result is made of: pixels of the picture from `first` on, and the ground.
  private static final class Taps {
    final int first;
    final int[] weights;
    private final int groundWeight;
    private final Preprocessing.Colour ground;

    Taps(Axis axis, int index) {
      double scale = (double) axis.from() / axis.to();
      double filterScale = Math.max(scale, 1);
      double support = 2 * filterScale;
      double centre = (index + 0.5) * scale;
      int begin = Math.max(0, (int) (centre - support + 0.5));
      int end = Math.min(axis.from(), (int) (centre + support + 0.5));
      int[] all = fixed(begin, end, centre, filterScale);
      int covered = Math.clamp(axis.offset(), begin, end);
      int uncovered = Math.clamp(axis.offset() + axis.covered(), covered, end);
      int outside = 0;
      for (int k = begin; k < end; k++) {
        outside += k < covered || k >= uncovered ? all[k - begin] : 0;
      }
      first = Math.max(0, covered - axis.offset());
      weights = Arrays.copyOfRange(all, covered - begin, uncovered - begin);
      groundWeight = outside;
      ground = axis.ground();
    }

    /// What the ground adds to a channel, and a half to round.
    int start(int channel) {
      return (1 << (PRECISION - 1)) + ground.level(channel) * groundWeight;
    }

    private static int[] fixed(int begin, int end, double centre, double filterScale) {
      double[] real = new double[end - begin];
      double sum = 0;
      for (int k = 0; k < real.length; k++) {
        real[k] = cubic((k + begin - centre + 0.5) / filterScale);
        sum += real[k];
      }
      int[] weights = new int[real.length];
      for (int k = 0; k < real.length; k++) {
        double weight = sum == 0 ? real[k] : real[k] / sum;
        double fixed = weight * (1 << PRECISION);
        weights[k] = (int) (fixed < 0 ? fixed - 0.5 : fixed + 0.5);
      }
      return weights;
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
