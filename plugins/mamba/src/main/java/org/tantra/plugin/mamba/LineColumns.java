package org.tantra.plugin.mamba;

/// A line, scaled to the network's height and cut into columns, ink 1 on paper 0.
final class LineColumns {
  private final int count;
  private final float[] pixels;

  private LineColumns(int count, float[] pixels) {
    this.count = count;
    this.pixels = pixels;
  }

  int count() {
    return count;
  }

  /// `[count, lineHeight, columnWidth]`, not to be changed.
  float[] pixels() {
    return pixels;
  }

  /// Scales by averaging areas, keeps proportions, and stretches contrast so that the darkest and
  /// the lightest pixel become 0 and 1; the more frequent end is paper.
  static LineColumns of(GrayImage image, LineSplitter.Place place, OcrConfig config) {
    int height = config.lineHeight();
    int lineHeight = place.bottom() - place.top();
    int lineWidth = place.right() - place.left();
    long width = Math.max(1, Math.round((double) lineWidth * height / lineHeight));
    int count = (int) Math.min(config.maximumColumns(), Math.ceilDiv(width, config.columnWidth()));
    int scaledWidth = (int) Math.min(width, (long) count * config.columnWidth());
    float[] scaled = new float[height * scaledWidth];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < scaledWidth; x++) {
        scaled[y * scaledWidth + x] = area(image, place, x, y, scaledWidth, height);
      }
    }
    stretch(scaled);
    float[] columns = new float[count * config.columnPixels()];
    for (int c = 0; c < count; c++) {
      for (int y = 0; y < height; y++) {
        for (int i = 0; i < config.columnWidth(); i++) {
          int x = c * config.columnWidth() + i;
          int to = (c * height + y) * config.columnWidth() + i;
          columns[to] = x < scaledWidth ? scaled[y * scaledWidth + x] : 0;
        }
      }
    }
    return new LineColumns(count, columns);
  }

  private static float area(
      GrayImage image, LineSplitter.Place place, int x, int y, int width, int height) {
    int lineWidth = place.right() - place.left();
    int lineHeight = place.bottom() - place.top();
    int left = place.left() + (int) ((long) x * lineWidth / width);
    int right = Math.max(left + 1, place.left() + (int) ((long) (x + 1) * lineWidth / width));
    int top = place.top() + (int) ((long) y * lineHeight / height);
    int bottom = Math.max(top + 1, place.top() + (int) ((long) (y + 1) * lineHeight / height));
    double sum = 0;
    for (int j = top; j < bottom; j++) {
      for (int i = left; i < right; i++) {
        sum += image.at(i, j);
      }
    }
    return (float) (sum / ((double) (right - left) * (bottom - top)));
  }

  private static void stretch(float[] scaled) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    double sum = 0;
    for (float value : scaled) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      sum += value;
    }
    float range = high - low;
    boolean lightPaper = sum / scaled.length >= (low + high) / 2;
    for (int i = 0; i < scaled.length; i++) {
      float share = range > 0 ? (scaled[i] - low) / range : lightPaper ? 1 : 0;
      scaled[i] = lightPaper ? 1 - share : share;
    }
  }
}
