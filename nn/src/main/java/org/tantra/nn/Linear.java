package org.tantra.nn;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.kernel.KernelChoice;
import org.tantra.nn.kernel.Kernels;
import org.tantra.nn.kernel.SparseKernels;
import org.tantra.nn.quant.Dequantizer;

/// A linear map `y = W x + b` whose weight stays where it is, mapped from its file.
public final class Linear {
  /// Multiply-adds below which waking other threads costs more than it saves: at some 10 per
  /// nanosecond this is a few microseconds of work.
  private static final long SERIAL_BELOW = 1 << 16;

  /// Outputs are split at multiples of this, a multiple of every kernel's block.
  private static final int SPLIT = 64;

  /// From so many tokens on one weight is shared by several of them, which saves more than leaving
  /// out those that zeros multiply.
  private static final int DENSE_FROM = 4;

  /// Share of zeros from which leaving out their weights pays; below, the gaps cost more than
  /// reading everything in one stream ('tools/bench sparsity').
  private static final double SPARSE_FROM = 0.6;

  private final Kernels kernels = KernelChoice.current().kernels();
  private final SparseKernels sparse = SparseKernels.current();
  private final TensorView weight;
  private final boolean transposed;
  private final float @Nullable [] bias;
  private final Compute compute;
  private final int in;
  private final int out;

  private Linear(
      TensorView weight, boolean transposed, @Nullable TensorView bias, Compute compute) {
    if (weight.shape().rank() != 2 || !supports(weight.dtype(), weight.shape())) {
      throw new IllegalArgumentException(
          "a linear map takes a weight of rank 2 in F32, F16, BF16 or whole blocks, not "
              + weight.dtype()
              + " "
              + weight.shape());
    }
    this.weight = weight;
    this.transposed = transposed;
    this.compute = compute;
    this.in = Math.toIntExact(weight.shape().size(transposed ? 0 : 1));
    this.out = Math.toIntExact(weight.shape().size(transposed ? 1 : 0));
    this.bias = bias == null ? null : bias.toFloats();
    if (this.bias != null && this.bias.length != out) {
      throw new IllegalArgumentException(
          "bias of " + this.bias.length + " elements for " + out + " outputs");
    }
  }

  /// A weight `[out, in]`, as most checkpoints have it.
  ///
  /// @throws IllegalArgumentException if the weight's rank or dtype is another one, or the bias is
  ///   not `[out]`
  public static Linear rows(TensorView weight, @Nullable TensorView bias, Compute compute) {
    return new Linear(weight, false, bias, compute);
  }

  /// A weight `[in, out]`, GPT-2's `Conv1D`.
  ///
  /// @throws IllegalArgumentException if the weight's rank or dtype is another one, or the bias is
  ///   not `[out]`
  public static Linear columns(TensorView weight, @Nullable TensorView bias, Compute compute) {
    return new Linear(weight, true, bias, compute);
  }

  /// Whether there are kernels for weights of this type: F32, F16, BF16 and all block types whose
  /// rows fill whole blocks.
  public static boolean supports(DType dtype, Shape shape) {
    return Dequantizer.reads(dtype)
        && (dtype.blockElements() == 1
            || (shape.rank() == 2 && shape.size(1) % dtype.blockElements() == 0));
  }

  /// The weight as it is read: rows of it, unless the map was made of columns.
  public TensorView weight() {
    return weight;
  }

  /// Width of a row of `x`.
  public int in() {
    return in;
  }

  /// Width of a row of `y`.
  public int out() {
    return out;
  }

  /// Computes `y[t] = W x[t] + b` for each token.
  ///
  /// @param y `[tokens, out]`, overwritten; not `x`
  /// @param x `[tokens, in]`
  public void apply(float[] y, float[] x, int tokens) {
    fillBias(y, tokens);
    spread(tokens, (from, to) -> multiply(y, x, tokens, from, to));
  }

  /// As [#apply], for an `x` that may have many zeros: of a weight that lies as `[in, out]`, a step
  /// of few tokens reads only the rows that something else than zero multiplies, if there are few
  /// of those. For finite weights the results are those of [#apply], bit for bit but for the sign
  /// of a zero.
  ///
  /// @param y `[tokens, out]`, overwritten; not `x`
  /// @param x `[tokens, in]`
  public void applySparse(float[] y, float[] x, int tokens) {
    if (!transposed
        || tokens >= DENSE_FROM
        || weight.dtype().blockElements() > 1
        || zeros(x, tokens * in) < SPARSE_FROM * tokens * in) {
      apply(y, x, tokens);
      return;
    }
    fillBias(y, tokens);
    int[] rows = new int[in];
    for (int t = 0; t < tokens; t++) {
      int xAt = t * in;
      int yAt = t * out;
      int count = listNonZero(x, xAt, rows);
      spread(
          1,
          (from, to) -> sparse.listedColumnProducts(y, yAt, x, xAt, rows, count, weight, from, to));
    }
  }

  private static int zeros(float[] x, int length) {
    int zeros = 0;
    for (int i = 0; i < length; i++) {
      zeros += x[i] == 0 ? 1 : 0;
    }
    return zeros;
  }

  private int listNonZero(float[] x, int at, int[] rows) {
    int count = 0;
    for (int r = 0; r < in; r++) {
      rows[count] = r;
      count += x[at + r] != 0 ? 1 : 0;
    }
    return count;
  }

  private void fillBias(float[] y, int tokens) {
    for (int t = 0; t < tokens; t++) {
      if (bias == null) {
        Arrays.fill(y, t * out, (t + 1) * out, 0);
      } else {
        System.arraycopy(bias, 0, y, t * out, out);
      }
    }
  }

  /// Computes the outputs `from` until `to`.
  private interface Share {
    void compute(int from, int to);
  }

  private void spread(int tokens, Share share) {
    int parts = parts(tokens);
    if (parts == 1) {
      share.compute(0, out);
      return;
    }
    int blocks = Math.ceilDiv(out, SPLIT);
    compute.parallel(
        parts,
        part ->
            share.compute(
                Math.toIntExact((long) blocks * part / parts * SPLIT),
                (int) Math.min(out, (long) blocks * (part + 1) / parts * SPLIT)));
  }

  private int parts(int tokens) {
    boolean small = (long) in * out * tokens < SERIAL_BELOW;
    return small ? 1 : Math.min(compute.threads(), Math.ceilDiv(out, SPLIT));
  }

  private void multiply(float[] y, float[] x, int tokens, int from, int to) {
    if (transposed) {
      kernels.columnProducts(y, out, x, tokens, weight, from, to);
    } else {
      kernels.rowProducts(y, out, x, tokens, weight, from, to);
    }
  }

  /// Bytes this holds beside the mapped weight.
  public long ownBytes() {
    return bias == null ? 0 : bias.length * 4L;
  }
}
