package org.tantra.nn;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Convolution of an image with stride 1 and zeros around it.
///
/// `y[o][i][j] = bias[o] + Σ_c,a,b weight[o][c][a][b] · x[c][i + a - padding][j + b - padding]`
public final class Conv2d {
  private final float[] weight;
  private final float @Nullable [] bias;
  private final int out;
  private final int in;
  private final int rows;
  private final int columns;
  private final int padding;

  /// @param weight `[out, in, rows, columns]`, copied
  /// @param bias `[out]`, copied
  /// @param padding zeros on each side
  /// @throws IllegalArgumentException if the shapes are other ones
  public Conv2d(TensorView weight, @Nullable TensorView bias, int padding) {
    Shape shape = weight.shape();
    if (shape.rank() != 4 || (bias != null && !bias.shape().is(shape.size(0)))) {
      throw new IllegalArgumentException(
          "weight " + shape + ", bias " + (bias == null ? "none" : bias.shape()));
    }
    this.weight = weight.toFloats();
    this.bias = bias == null ? null : bias.toFloats();
    this.out = Math.toIntExact(shape.size(0));
    this.in = Math.toIntExact(shape.size(1));
    this.rows = Math.toIntExact(shape.size(2));
    this.columns = Math.toIntExact(shape.size(3));
    this.padding = padding;
  }

  /// Channels of the result.
  public int out() {
    return out;
  }

  /// Height of the result for an image of this height.
  public int outHeight(int height) {
    return height + 2 * padding - rows + 1;
  }

  /// Width of the result for an image of this width.
  public int outWidth(int width) {
    return width + 2 * padding - columns + 1;
  }

  /// Computes one channel of the result, so that no more than one needs memory at a time.
  ///
  /// @param y `[outHeight, outWidth]`, overwritten
  /// @param x `[in, height, width]`
  public void apply(float[] y, float[] x, int height, int width, int channel) {
    int outHeight = outHeight(height);
    int outWidth = outWidth(width);
    Arrays.fill(y, 0, outHeight * outWidth, bias == null ? 0 : bias[channel]);
    for (int c = 0; c < in; c++) {
      for (int a = 0; a < rows; a++) {
        for (int b = 0; b < columns; b++) {
          float factor = weight[((channel * in + c) * rows + a) * columns + b];
          // What lies outside of the image is zero and left out.
          int fromRow = Math.max(0, padding - a);
          int toRow = Math.min(outHeight, height + padding - a);
          int from = Math.max(0, padding - b);
          int to = Math.min(outWidth, width + padding - b);
          for (int i = fromRow; i < toRow; i++) {
            int yAt = i * outWidth;
            int xAt = (c * height + i + a - padding) * width + b - padding;
            for (int j = from; j < to; j++) {
              y[yAt + j] += factor * x[xAt + j];
            }
          }
        }
      }
    }
  }

  /// Bytes of the copies.
  public long ownBytes() {
    return (weight.length + (bias == null ? 0 : bias.length)) * 4L;
  }
}
