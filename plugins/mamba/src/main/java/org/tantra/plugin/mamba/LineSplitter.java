package org.tantra.plugin.mamba;

import java.util.ArrayList;
import java.util.List;

/// Splits a page into its lines: rows with ink, separated by rows without.
///
/// Ink is what lies on the rarer side of Otsu's threshold, so that light text on a dark ground is
/// read too. Skewed pages and columns side by side are not told apart.
///
/// @see <a href="https://doi.org/10.1109/TSMC.1979.4310076">Otsu 1979</a>
final class LineSplitter {
  private static final int LEVELS = 256;

  /// A row counts as written on from this share of its pixels on.
  private static final double WRITTEN = 0.002;

  /// Lower than this is a speck, not a line.
  private static final int LEAST_HEIGHT = 5;

  /// A gap of at most this share of the line above joins what it parts: dots of an i, accents.
  private static final double JOINED = 0.2;

  private LineSplitter() {}

  /// Where a line stands, in pixels; `right` and `bottom` are just outside of it.
  record Place(int left, int top, int right, int bottom) {}

  /// The lines, top to bottom; the whole image as one if no ink is found, or all of it is ink.
  static List<Place> lines(GrayImage image) {
    float threshold = threshold(image);
    boolean darkInk = isDarkRarer(image, threshold);
    int[] ink = new int[image.height()];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        ink[y] += isInk(image, x, y, threshold, darkInk) ? 1 : 0;
      }
    }
    List<Place> lines = new ArrayList<>();
    for (int[] band : bands(ink, Math.max(1, (int) (WRITTEN * image.width())))) {
      lines.add(trimmed(image, band[0], band[1], threshold, darkInk));
    }
    return lines.isEmpty()
        ? List.of(new Place(0, 0, image.width(), image.height()))
        : List.copyOf(lines);
  }

  /// The level that parts brightness into two groups with the least spread inside them.
  private static float threshold(GrayImage image) {
    long[] counts = new long[LEVELS];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        counts[Math.clamp((int) (image.at(x, y) * (LEVELS - 1) + 0.5f), 0, LEVELS - 1)]++;
      }
    }
    long total = (long) image.width() * image.height();
    double sum = 0;
    for (int i = 0; i < LEVELS; i++) {
      sum += (double) i * counts[i];
    }
    long below = 0;
    double sumBelow = 0;
    double best = -1;
    int level = 0;
    for (int i = 0; i < LEVELS - 1; i++) {
      below += counts[i];
      sumBelow += (double) i * counts[i];
      long above = total - below;
      if (below > 0 && above > 0) {
        double apart = sumBelow / below - (sum - sumBelow) / above;
        double between = (double) below * above * apart * apart;
        if (between > best) {
          best = between;
          level = i;
        }
      }
    }
    return (level + 0.5f) / (LEVELS - 1);
  }

  private static boolean isDarkRarer(GrayImage image, float threshold) {
    long dark = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        dark += image.at(x, y) < threshold ? 1 : 0;
      }
    }
    return 2 * dark <= (long) image.width() * image.height();
  }

  private static boolean isInk(GrayImage image, int x, int y, float threshold, boolean darkInk) {
    return image.at(x, y) < threshold == darkInk;
  }

  private static List<int[]> bands(int[] ink, int written) {
    List<int[]> bands = new ArrayList<>();
    int from = -1;
    for (int y = 0; y <= ink.length; y++) {
      boolean on = y < ink.length && ink[y] >= written;
      if (on && from < 0) {
        from = y;
      } else if (!on && from >= 0) {
        add(bands, from, y);
        from = -1;
      }
    }
    bands.removeIf(band -> band[1] - band[0] < LEAST_HEIGHT);
    return bands;
  }

  private static void add(List<int[]> bands, int from, int to) {
    int[] last = bands.isEmpty() ? null : bands.getLast();
    if (last != null
        && from - last[1] <= Math.max(1, JOINED * Math.max(last[1] - last[0], to - from))) {
      last[1] = to;
    } else {
      bands.add(new int[] {from, to});
    }
  }

  private static Place trimmed(
      GrayImage image, int top, int bottom, float threshold, boolean darkInk) {
    int left = image.width();
    int right = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = 0; x < image.width(); x++) {
        if (isInk(image, x, y, threshold, darkInk)) {
          left = Math.min(left, x);
          right = Math.max(right, x + 1);
        }
      }
    }
    return new Place(left, top, right, bottom);
  }
}
