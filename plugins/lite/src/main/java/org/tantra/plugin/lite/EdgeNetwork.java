package org.tantra.plugin.lite;

import org.tantra.api.tensor.TensorView;
import org.tantra.media.Picture;
import org.tantra.nn.Conv2d;

/// A convolutional network with filters chosen by hand: brightness and two colour differences,
/// eight directed edges at two scales, rectified, averaged in a 4 x 4 grid of soft cells, and
/// balanced. 3 channels x 8 edges x 2 scales x 16 cells are 768 numbers.
///
/// What is brighter everywhere has the same edges, and the root that balances strong and weak ones
/// takes most of a change of contrast away; soft cells forgive a crop. Plain loops in a fixed
/// order: equal pictures, equal bits. Holds no state; safe from any thread.
///
/// @see <a href="https://doi.org/10.1109/CVPR.2005.177">Dalal and Triggs 2005</a> (histograms of
///   directed edges, soft cells, balancing)
final class EdgeNetwork {
  /// Part of every fingerprint; grows with each change of a number.
  static final String VERSION = "edges-1";

  /// Pictures are looked at in this size, whatever their proportions.
  private static final int SIDE = 64;

  private static final int CHANNELS = 3;
  private static final int DIRECTIONS = 8;
  private static final int CELLS = 4;

  /// Side of a filter, wide enough for the coarser of the scales.
  private static final int FILTER = 9;

  /// Radii of the Gaussians whose slopes are the filters, in pixels of the small picture.
  private static final double[] SCALES = {1.0, 2.2};

  /// Edges weaker than this share of full contrast fade out instead of being blown up to noise.
  private static final float FLOOR = 0.01f;

  /// How much the mean colour counts beside the edges: enough to tell plain pictures apart.
  private static final float COLOUR = 0.05f;

  private final Conv2d[] filters = new Conv2d[SCALES.length];

  EdgeNetwork() {
    for (int s = 0; s < SCALES.length; s++) {
      filters[s] = new Conv2d(slopes(SCALES[s]), null, FILTER / 2);
    }
  }

  /// Slopes of a Gaussian along four directions; with both signs they make eight.
  private static TensorView slopes(double radius) {
    int half = DIRECTIONS / 2;
    float[] weights = new float[half * FILTER * FILTER];
    for (int d = 0; d < half; d++) {
      double angle = Math.PI * d / half;
      double sum = 0;
      for (int i = 0; i < FILTER * FILTER; i++) {
        double y = i / FILTER - FILTER / 2;
        double x = i % FILTER - FILTER / 2;
        double along = x * Math.cos(angle) + y * Math.sin(angle);
        double value = along * Math.exp(-(x * x + y * y) / (2 * radius * radius));
        weights[d * FILTER * FILTER + i] = (float) value;
        sum += Math.abs(value);
      }
      for (int i = 0; i < FILTER * FILTER; i++) {
        weights[d * FILTER * FILTER + i] /= (float) (sum / 2);
      }
    }
    return TensorView.of(weights, half, 1, FILTER, FILTER);
  }

  /// Bytes of the filters.
  long bytes() {
    long bytes = 0;
    for (Conv2d filter : filters) {
      bytes += filter.ownBytes();
    }
    return bytes;
  }

  /// What a picture looks like.
  ///
  /// @return `[channels, scales, directions, cells]` flat, 768 numbers, not all zero
  float[] vector(Picture picture) {
    float[][] channels = channels(picture);
    float[] vector = new float[CHANNELS * SCALES.length * DIRECTIONS * CELLS * CELLS];
    int at = 0;
    float[] response = new float[SIDE * SIDE];
    for (float[] channel : channels) {
      for (Conv2d filter : filters) {
        for (int d = 0; d < DIRECTIONS / 2; d++) {
          filter.apply(response, channel, SIDE, SIDE, d);
          clearBorder(response);
          pool(vector, at, response, 1);
          pool(vector, at + CELLS * CELLS, response, -1);
          at += 2 * CELLS * CELLS;
        }
      }
    }
    balance(vector);
    addColour(vector, channels);
    return vector;
  }

  /// Brightness, red against green, yellow against blue, each `[64, 64]`, by averaging areas.
  private static float[][] channels(Picture picture) {
    float[][] channels = new float[CHANNELS][SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      int top = (int) ((long) y * picture.height() / SIDE);
      int bottom = Math.max(top + 1, (int) ((long) (y + 1) * picture.height() / SIDE));
      for (int x = 0; x < SIDE; x++) {
        int left = (int) ((long) x * picture.width() / SIDE);
        int right = Math.max(left + 1, (int) ((long) (x + 1) * picture.width() / SIDE));
        average(channels, y * SIDE + x, picture, left, top, right, bottom);
      }
    }
    return channels;
  }

  private static void average(
      float[][] channels, int to, Picture picture, int left, int top, int right, int bottom) {
    byte[] rgb = picture.rgb();
    long red = 0;
    long green = 0;
    long blue = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        int from = 3 * (y * picture.width() + x);
        red += rgb[from] & 0xff;
        green += rgb[from + 1] & 0xff;
        blue += rgb[from + 2] & 0xff;
      }
    }
    float count = 255f * (right - left) * (bottom - top);
    float r = red / count;
    float g = green / count;
    float b = blue / count;
    channels[0][to] = 0.299f * r + 0.587f * g + 0.114f * b;
    channels[1][to] = (r - g) / 2;
    channels[2][to] = (r + g) / 4 - b / 2;
  }

  /// The convolution takes what lies outside for black, which would be an edge of its own.
  private static void clearBorder(float[] response) {
    int border = FILTER / 2;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        if (y < border || y >= SIDE - border || x < border || x >= SIDE - border) {
          response[y * SIDE + x] = 0;
        }
      }
    }
  }

  /// Averages what is positive, times `sign`, in cells that overlap by half.
  private static void pool(float[] vector, int at, float[] response, int sign) {
    float cell = (float) SIDE / CELLS;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        float strength = Math.max(0, sign * response[y * SIDE + x]);
        if (strength > 0) {
          for (int i = 0; i < CELLS; i++) {
            float down = Math.max(0, 1 - Math.abs((y + 0.5f) / cell - (i + 0.5f)));
            for (int j = 0; j < CELLS && down > 0; j++) {
              float across = Math.max(0, 1 - Math.abs((x + 0.5f) / cell - (j + 0.5f)));
              vector[at + i * CELLS + j] += strength * down * across;
            }
          }
        }
      }
    }
  }

  /// Brings each channel to the same weight, and takes the root, which lets weak edges speak.
  private static void balance(float[] vector) {
    int each = vector.length / CHANNELS;
    float cellPixels = (float) (SIDE * SIDE) / (CELLS * CELLS);
    for (int c = 0; c < CHANNELS; c++) {
      double sum = 0;
      for (int i = 0; i < each; i++) {
        sum += vector[c * each + i];
      }
      float mean = (float) (sum / each) + FLOOR * cellPixels;
      for (int i = 0; i < each; i++) {
        vector[c * each + i] = (float) Math.sqrt(vector[c * each + i] / mean);
      }
    }
  }

  /// A plain picture has no edges at all; its colour, told by a little in every number, is what is
  /// left of it.
  private static void addColour(float[] vector, float[][] channels) {
    int each = vector.length / CHANNELS;
    for (int c = 0; c < CHANNELS; c++) {
      double sum = 0;
      for (float value : channels[c]) {
        sum += value;
      }
      float mean = (float) (sum / channels[c].length);
      for (int i = 0; i < each; i++) {
        vector[c * each + i] += COLOUR * (0.1f + mean);
      }
    }
  }
}
