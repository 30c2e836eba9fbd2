package org.tantra.nn;

import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Convolution of a row with zeros around it, as a product of matrices: the weight stays where it
/// is, and blocks of the row are laid out as the columns it multiplies.
///
/// `y[t][o] = bias[o] + Σ_c,k weight[o][c][k] · x[t · stride + k · dilation - padding][c]`. Safe
/// from several threads.
public final class Conv1d {
  /// Frames laid out at a time: enough to use each weight often, few enough to stay in the cache.
  private static final int BLOCK = 128;

  /// Frames that are worth a thread.
  private static final int LEAST = 16;

  private final Linear linear;
  private final Compute compute;
  private final int in;
  private final int kernel;
  private final int dilation;
  private final int padding;
  private final int stride;

  /// With stride 1.
  ///
  /// @param weight `[out, in, kernel]`, F32, F16 or BF16
  /// @param bias `[out]`, copied
  /// @param dilation frames between two taps
  /// @param padding zeros on each side
  /// @throws IllegalArgumentException if the shapes are other ones
  public Conv1d(
      TensorView weight, @Nullable TensorView bias, int dilation, int padding, Compute compute) {
    this(weight, bias, dilation, padding, 1, compute);
  }

  /// @param stride frames between two results
  /// @throws IllegalArgumentException if the shapes are other ones
  public Conv1d(
      TensorView weight,
      @Nullable TensorView bias,
      int dilation,
      int padding,
      int stride,
      Compute compute) {
    Shape shape = weight.shape();
    if (shape.rank() != 3 || dilation < 1 || padding < 0 || stride < 1) {
      throw new IllegalArgumentException(
          "weight %s, dilation %d, padding %d, stride %d"
              .formatted(shape, dilation, padding, stride));
    }
    this.stride = stride;
    this.in = Math.toIntExact(shape.size(1));
    this.kernel = Math.toIntExact(shape.size(2));
    this.dilation = dilation;
    this.padding = padding;
    this.compute = compute;
    // Blocks of the row go to several threads, so each product stays on one.
    this.linear =
        Linear.rows(
            new TensorView(
                weight.dtype(), Shape.of(shape.size(0), (long) in * kernel), weight.memory()),
            bias,
            Compute.SERIAL);
  }

  /// Channels of the result.
  public int out() {
    return linear.out();
  }

  /// Channels of a row it takes.
  public int in() {
    return in;
  }

  /// Zeros on each side.
  public int padding() {
    return padding;
  }

  /// Frames of the result; none or fewer if the row is shorter than the kernel.
  public int frames(int frames) {
    return Math.floorDiv(frames + 2 * padding - dilation * (kernel - 1) - 1, stride) + 1;
  }

  /// @param x `[frames, in]`
  /// @return `[frames(frames), out]`
  public float[] apply(float[] x, int frames) {
    int outFrames = Math.max(0, frames(frames));
    int out = linear.out();
    float[] y = new float[Math.multiplyExact(outFrames, out)];
    int parts = Math.clamp(outFrames / LEAST, 1, compute.threads());
    compute.parallel(
        parts,
        part -> {
          int begin = (int) ((long) outFrames * part / parts);
          int end = (int) ((long) outFrames * (part + 1) / parts);
          int block = Math.min(BLOCK, end - begin);
          float[] columns = new float[block * in * kernel];
          float[] rows = new float[block * out];
          for (int from = begin; from < end; from += block) {
            int count = Math.min(block, end - from);
            layOut(columns, x, frames, from, count);
            linear.apply(rows, columns, count);
            System.arraycopy(rows, 0, y, from * out, count * out);
          }
        });
    return y;
  }

  private void layOut(float[] columns, float[] x, int frames, int from, int count) {
    int width = in * kernel;
    for (int t = 0; t < count; t++) {
      for (int k = 0; k < kernel; k++) {
        int source = (from + t) * stride + k * dilation - padding;
        int at = t * width + k;
        if (source < 0 || source >= frames) {
          for (int c = 0; c < in; c++) {
            columns[at + c * kernel] = 0;
          }
        } else {
          for (int c = 0; c < in; c++) {
            columns[at + c * kernel] = x[source * in + c];
          }
        }
      }
    }
  }

  /// Bytes this holds beside the weight.
  public long ownBytes() {
    return linear.ownBytes();
  }
}
