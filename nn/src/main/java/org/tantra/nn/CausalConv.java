package org.tantra.nn;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.kernel.StateSpaceKernels;

/// Causal depthwise convolution over tokens: each channel sees its own last `kernel` values.
///
/// `y[t][c] = bias[c] + Σ_k weight[c][k] · x[t - kernel + 1 + k][c]`, where `x` before the first
/// token is 0. What a row needs of the past is a window of its last `kernel` inputs, so that a row
/// may come in pieces and one step costs the same at any length.
public final class CausalConv {
  private final StateSpaceKernels kernels = StateSpaceKernels.current();
  private final int channels;
  private final int kernel;

  /// `[kernel, channels]`, turned so that channels lie side by side.
  private final float[] weight;

  private final float @Nullable [] bias;

  /// @param weight `[channels, 1, kernel]`, as PyTorch's `Conv1d` has it; copied
  /// @param bias `[channels]`, copied
  /// @throws IllegalArgumentException if the shapes are other ones
  public CausalConv(TensorView weight, @Nullable TensorView bias) {
    if (weight.shape().rank() != 3 || weight.shape().size(1) != 1 || weight.shape().size(2) < 1) {
      throw new IllegalArgumentException("not a depthwise weight: " + weight.shape());
    }
    this.channels = Math.toIntExact(weight.shape().size(0));
    this.kernel = Math.toIntExact(weight.shape().size(2));
    this.weight = Transposed.floats(weight, channels, kernel);
    this.bias = bias == null ? null : bias.toFloats();
    if (this.bias != null && this.bias.length != channels) {
      throw new IllegalArgumentException(
          "bias of " + this.bias.length + " elements for " + channels + " channels");
    }
  }

  /// The window of a row without tokens: `[kernel, channels]`, oldest token first.
  public float[] newWindow() {
    return new float[kernel * channels];
  }

  /// Convolves the next tokens of several rows, as many of each, and moves their windows on.
  ///
  /// @param y `[rows, tokens, channels]`, overwritten; not `x`
  /// @param x `[rows, tokens, channels]`
  /// @param tokens of each row
  /// @param windows one for each row
  public void apply(float[] y, float[] x, int tokens, List<float[]> windows) {
    for (int row = 0; row < windows.size(); row++) {
      apply(y, x, row * tokens * channels, tokens, windows.get(row));
    }
  }

  private void apply(float[] y, float[] x, int first, int tokens, float[] window) {
    for (int t = 0; t < tokens; t++) {
      int at = first + t * channels;
      if (bias == null) {
        Arrays.fill(y, at, at + channels, 0);
      } else {
        System.arraycopy(bias, 0, y, at, channels);
      }
      for (int k = 0; k < kernel; k++) {
        int source = t - kernel + 1 + k;
        boolean past = source < 0;
        kernels.multiplyAdd(
            y,
            at,
            weight,
            k * channels,
            past ? window : x,
            past ? (kernel + source) * channels : first + source * channels,
            channels);
      }
    }
    int kept = Math.max(0, kernel - tokens);
    System.arraycopy(window, (kernel - kept) * channels, window, 0, kept * channels);
    int fresh = kernel - kept;
    int freshAt = first + (tokens - fresh) * channels;
    System.arraycopy(x, freshAt, window, kept * channels, fresh * channels);
  }

  /// Bytes of the copies.
  public long ownBytes() {
    return (weight.length + (bias == null ? 0 : bias.length)) * 4L;
  }
}
