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
  static final String VERSION = "edges-2";

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

  /// Shares of the picture's sides that are looked at, from the middle outwards: a copy that was
  /// cropped to one of them looks like it.
  private static final double[] VIEWS = {1, 0.9, 0.8};

  /// How much the mean colour counts beside the edges: enough to tell plain pictures apart.
  private static final float COLOUR = 0.05f;

  private final Conv2d[] filters = new Conv2d[SCALES.length];

  EdgeNetwork() {
    for (int s = 0; s < SCALES.length; s++) {
      filters[s] = new Conv2d(slopes(SCALES[s]), null, FILTER / 2);
    }
  }

  /// Slopes of a Gaussian across and down.
  private static TensorView slopes(double radius) {
    float[] weights = new float[2 * FILTER * FILTER];
    for (int axis = 0; axis < 2; axis++) {
      double sum = 0;
      for (int i = 0; i < FILTER * FILTER; i++) {
        double y = i / FILTER - FILTER / 2;
        double x = i % FILTER - FILTER / 2;
        double along = axis == 0 ? x : y;
        double value = along * Math.exp(-(x * x + y * y) / (2 * radius * radius));
        weights[axis * FILTER * FILTER + i] = (float) value;
        sum += Math.abs(value);
      }
      for (int i = 0; i < FILTER * FILTER; i++) {
        weights[axis * FILTER * FILTER + i] /= (float) (sum / 2);
      }
    }
    return TensorView.of(weights, 2, 1, FILTER, FILTER);
  }

  /// The slope along another direction, which is a sum of those along the axes.
  ///
  /// @see <a href="https://doi.org/10.1109/34.93808">Freeman and Adelson 1991, section II</a>
  private static void turn(float[] to, float[] across, float[] down, double angle) {
    float cosine = (float) Math.cos(angle);
    float sine = (float) Math.sin(angle);
    for (int i = 0; i < to.length; i++) {
      to[i] = cosine * across[i] + sine * down[i];
    }
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
    float[][] whole = channels(picture, 1);
    float[] vector = edges(whole);
    for (int view = 1; view < VIEWS.length; view++) {
      float[] inner = edges(channels(picture, VIEWS[view]));
      for (int i = 0; i < vector.length; i++) {
        vector[i] += inner[i];
      }
    }
    addColour(vector, whole);
    return vector;
  }

  private float[] edges(float[][] channels) {
    float[] vector = new float[CHANNELS * SCALES.length * DIRECTIONS * CELLS * CELLS];
    int at = 0;
    float[] across = new float[SIDE * SIDE];
    float[] down = new float[SIDE * SIDE];
    float[] response = new float[SIDE * SIDE];
    for (float[] channel : channels) {
      for (Conv2d filter : filters) {
        filter.apply(across, channel, SIDE, SIDE, 0);
        filter.apply(down, channel, SIDE, SIDE, 1);
        for (int d = 0; d < DIRECTIONS / 2; d++) {
          turn(response, across, down, Math.PI * d / (DIRECTIONS / 2));
          clearBorder(response);
          pool(vector, at, response, 1);
          pool(vector, at + CELLS * CELLS, response, -1);
          at += 2 * CELLS * CELLS;
        }
      }
    }
    balance(vector);
    return vector;
  }

  /// Brightness, red against green, yellow against blue, each `[64, 64]`, by averaging areas of the
  /// picture's middle.
  private static float[][] channels(Picture picture, double view) {
    float[][] channels = new float[CHANNELS][SIDE * SIDE];
    int width = picture.width();
    int height = picture.height();
    for (int y = 0; y < SIDE; y++) {
      int top = edge(y, height, view);
      int bottom = Math.max(top + 1, edge(y + 1, height, view));
      for (int x = 0; x < SIDE; x++) {
        int left = edge(x, width, view);
        int right = Math.max(left + 1, edge(x + 1, width, view));
        average(channels, y * SIDE + x, picture, left, top, right, bottom);
      }
    }
    return channels;
  }

  /// Where a pixel of the small picture begins.
  private static int edge(int index, int length, double view) {
    return (int) (length * ((1 - view) / 2 + view * index / SIDE));
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
        vector[c * each + i] += VIEWS.length * COLOUR * (0.1f + mean);
      }
    }
  }
}
