package org.tantra.nn;

import org.tantra.api.Compute;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Convolution that makes a row longer: each frame adds a whole kernel to the result, `stride`
/// frames after the one before.
///
/// `y[t · stride + k - padding][o] += Σ_c weight[c][o][k] · x[t][c]`, beginning with `bias[o]`.
/// Safe from several threads.
public final class TransposedConv1d {
  /// Frames multiplied at a time, which bounds the memory of their kernels.
  private static final int BLOCK = 128;

  private final Linear linear;
  private final float[] bias;
  private final int out;
  private final int kernel;
  private final int stride;
  private final int padding;

  /// @param weight `[in, out, kernel]`, F32, F16 or BF16
  /// @param bias `[out]`, copied
  /// @param padding frames cut off on each side
  /// @throws IllegalArgumentException if the shapes are other ones
  public TransposedConv1d(
      TensorView weight, TensorView bias, int stride, int padding, Compute compute) {
    Shape shape = weight.shape();
    if (shape.rank() != 3 || !bias.shape().is(shape.size(1)) || stride < 1 || padding < 0) {
      throw new IllegalArgumentException("weight " + shape + ", bias " + bias.shape());
    }
    this.out = Math.toIntExact(shape.size(1));
    this.kernel = Math.toIntExact(shape.size(2));
    this.stride = stride;
    this.padding = padding;
    this.bias = bias.toFloats();
    this.linear =
        Linear.columns(
            new TensorView(
                weight.dtype(), Shape.of(shape.size(0), (long) out * kernel), weight.memory()),
            null,
            compute);
  }

  /// Channels of the result.
  public int out() {
    return out;
  }

  /// Channels of a row it takes.
  public int in() {
    return linear.in();
  }

  /// Frames of the result that a frame adds to.
  public int kernel() {
    return kernel;
  }

  /// Frames between the kernels of two frames.
  public int stride() {
    return stride;
  }

  /// Frames cut off on each side.
  public int padding() {
    return padding;
  }

  /// Frames of the result.
  public int frames(int frames) {
    return Math.max(0, (frames - 1) * stride - 2 * padding + kernel);
  }

  /// @param x `[frames, in]`
  /// @return `[frames(frames), out]`
  public float[] apply(float[] x, int frames) {
    int outFrames = frames(frames);
    int in = linear.in();
    float[] y = new float[Math.multiplyExact(outFrames, out)];
    for (int t = 0; t < outFrames; t++) {
      System.arraycopy(bias, 0, y, t * out, out);
    }
    int most = Math.min(BLOCK, frames);
    float[] block = new float[most * in];
    float[] kernels = new float[most * out * kernel];
    for (int from = 0; from < frames; from += most) {
      int count = Math.min(most, frames - from);
      System.arraycopy(x, from * in, block, 0, count * in);
      linear.apply(kernels, block, count);
      for (int t = 0; t < count; t++) {
        add(y, outFrames, kernels, t * out * kernel, (from + t) * stride - padding);
      }
    }
    return y;
  }

  private void add(float[] y, int outFrames, float[] kernels, int at, int first) {
    int from = Math.max(0, -first);
    int to = Math.min(kernel, outFrames - first);
    for (int k = from; k < to; k++) {
      int row = (first + k) * out;
      for (int o = 0; o < out; o++) {
        y[row + o] += kernels[at + o * kernel + k];
      }
    }
  }

  /// Bytes this holds beside the weight.
  public long ownBytes() {
    return bias.length * 4L;
  }
}
