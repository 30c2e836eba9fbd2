package org.tantra.nn.spike;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.Linear;
import org.tantra.nn.kernel.GroupRounding;
import org.tantra.nn.kernel.KernelChoice;
import org.tantra.nn.kernel.Kernels;

/// A linear map `y = W' x + b` whose weight is rounded to multiples of stored scales, one for each
/// group of inputs of an output:
///
/// ```
/// W'[o][i] = round(W[o][i] / scale[o][g]) · scale[o][g], ties to even, not clamped
/// ```
///
/// The weight stays where it is, mapped from its file, and is rounded a few rows at a time on its
/// way into the product: a rounded copy of a large model would need as much memory again.
///
/// @see <a href="https://arxiv.org/abs/2509.05276">SpikingBrain Technical Report, section 3.3</a>
public final class RoundedLinear {
  /// Rows rounded together: some hundred KiB of a large model, which stay in the cache until they
  /// are multiplied.
  private static final int BAND = 16;

  private final Kernels kernels = KernelChoice.current().kernels();
  private final TensorView weight;
  private final float[] scales;
  private final int groups;
  private final float @Nullable [] bias;
  private final Compute compute;
  private final int in;
  private final int out;

  /// @param weight `[out, in]` in F32, F16 or BF16
  /// @param scales `[out, groups]`, a further size of 1 is ignored; copied
  /// @param bias `[out]`, copied
  /// @throws IllegalArgumentException if shapes or dtypes are other ones, or `groups` does not
  ///   divide `in`
  public RoundedLinear(
      TensorView weight, TensorView scales, @Nullable TensorView bias, Compute compute) {
    this.in = Math.toIntExact(weight.shape().size(1));
    this.out = Math.toIntExact(weight.shape().size(0));
    this.groups = Math.toIntExact(scales.shape().size(1));
    this.weight = weight;
    this.scales = scales.toFloats();
    this.bias = bias == null ? null : bias.toFloats();
    this.compute = compute;
    if (weight.dtype().blockElements() > 1
        || !Linear.supports(weight.dtype(), weight.shape())
        || this.scales.length != (long) out * groups
        || groups == 0
        || in % groups != 0
        || (this.bias != null && this.bias.length != out)) {
      throw new IllegalArgumentException(
          "weight " + weight.dtype() + " " + weight.shape() + " with scales " + scales.shape());
    }
  }

  /// Computes `y[t] = W' x[t] + b` for each token.
  ///
  /// @param y `[tokens, out]`, overwritten; not `x`
  /// @param x `[tokens, in]`
  public void apply(float[] y, float[] x, int tokens) {
    for (int t = 0; t < tokens; t++) {
      if (bias == null) {
        Arrays.fill(y, t * out, (t + 1) * out, 0);
      } else {
        System.arraycopy(bias, 0, y, t * out, out);
      }
    }
    int bands = Math.ceilDiv(out, BAND);
    int parts = Math.min(compute.threads(), bands);
    compute.parallel(
        parts,
        part -> {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate((long) BAND * in * 4, 64);
            float[] sums = new float[tokens * BAND];
            for (int band = bands * part / parts; band < bands * (part + 1) / parts; band++) {
              multiply(y, x, tokens, band * BAND, memory, sums);
            }
          }
        });
  }

  private void multiply(
      float[] y, float[] x, int tokens, int first, MemorySegment memory, float[] sums) {
    int rows = Math.min(BAND, out - first);
    GroupRounding.rows(memory, weight, scales, groups, first, rows);
    TensorView rounded =
        new TensorView(DType.F32, Shape.of(rows, in), memory.asSlice(0, (long) rows * in * 4));
    Arrays.fill(sums, 0, tokens * rows, 0);
    kernels.rowProducts(sums, rows, x, tokens, rounded, 0, rows);
    for (int t = 0; t < tokens; t++) {
      for (int r = 0; r < rows; r++) {
        y[t * out + first + r] += sums[t * rows + r];
      }
    }
  }

  /// Bytes this holds beside the mapped weight.
  public long ownBytes() {
    return (scales.length + (bias == null ? 0 : bias.length)) * 4L;
  }
}
