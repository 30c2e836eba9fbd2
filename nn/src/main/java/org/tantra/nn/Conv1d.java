package org.tantra.nn;

import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Convolution of a row with zeros around it, as a product of matrices: blocks of the row are laid
/// out as what the weight multiplies. A weight as checkpoints have it stays where it is; one that
/// is laid out by taps is several times as fast where there are few channels, since whole frames
/// are copied and no lanes are added up.
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

  /// Between the places of one tap's channels, and of one channel's taps.
  private final int channelStep;

  private final int tapStep;

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
    this(
        Linear.rows(matrix(weight, 1), bias, Compute.SERIAL),
        size(weight, 2),
        dilation,
        padding,
        stride,
        false,
        compute);
  }

  /// With stride 1, of a weight that is laid out by taps.
  ///
  /// @param weight `[kernel, in, out]`, F32, F16 or BF16
  /// @param bias `[out]`, copied
  /// @throws IllegalArgumentException if the shapes are other ones
  public static Conv1d ofTaps(
      TensorView weight, @Nullable TensorView bias, int dilation, int padding, Compute compute) {
    return new Conv1d(
        Linear.columns(matrix(weight, 2), bias, Compute.SERIAL),
        size(weight, 0),
        dilation,
        padding,
        1,
        true,
        compute);
  }

  /// @param linear on one thread: blocks of the row go to several
  private Conv1d(
      Linear linear,
      int kernel,
      int dilation,
      int padding,
      int stride,
      boolean byTap,
      Compute compute) {
    if (dilation < 1 || padding < 0 || stride < 1) {
      throw new IllegalArgumentException(
          "dilation %d, padding %d, stride %d".formatted(dilation, padding, stride));
    }
    this.linear = linear;
    this.in = linear.in() / kernel;
    this.kernel = kernel;
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
    this.channelStep = byTap ? 1 : kernel;
    this.tapStep = byTap ? in : 1;
    this.compute = compute;
  }

  /// A weight of rank 3 as a matrix.
  ///
  /// @param rows how many of the first axes make the rows
  private static TensorView matrix(TensorView weight, int rows) {
    Shape shape = weight.shape();
    long height = shape.rank() == 3 ? shape.size(0) * (rows == 2 ? shape.size(1) : 1) : 0;
    if (height == 0) {
      throw new IllegalArgumentException("weight " + shape);
    }
    return new TensorView(
        weight.dtype(), Shape.of(height, shape.elements() / height), weight.memory());
  }

  private static int size(TensorView weight, int axis) {
    return Math.toIntExact(weight.shape().size(axis));
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
    for (int t = 0; t < count; t++) {
      for (int k = 0; k < kernel; k++) {
        int source = (from + t) * stride + k * dilation - padding;
        int at = t * in * kernel + k * tapStep;
        if (source < 0 || source >= frames) {
          for (int c = 0; c < in; c++) {
            columns[at + c * channelStep] = 0;
          }
        } else if (channelStep == 1) {
          System.arraycopy(x, source * in, columns, at, in);
        } else {
          for (int c = 0; c < in; c++) {
            columns[at + c * channelStep] = x[source * in + c];
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
