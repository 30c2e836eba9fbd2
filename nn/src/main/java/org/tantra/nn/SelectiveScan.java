package org.tantra.nn;

import java.util.List;
import org.tantra.api.Compute;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.kernel.StateSpaceKernels;

/// Mamba's selective state space: each channel carries a small state whose decay, input and output
/// depend on the token.
///
/// For each token, with `A = -exp(aLog)`:
///
/// ```
/// h[c][s] = exp(dt[c] · A[c][s]) · h[c][s] + dt[c] · x[c] · B[s]
/// y[c]    = D[c] · x[c] + Σ_s h[c][s] · C[s]
/// ```
///
/// @see <a href="https://arxiv.org/abs/2312.00752">Gu and Dao 2023, algorithm 2</a>
public final class SelectiveScan {
  /// Channels are split at multiples of this, a multiple of every vector's length.
  private static final int SPLIT = 64;

  /// State updates below which waking other threads costs more than it saves: each takes about a
  /// nanosecond, most of it for the exponential.
  private static final int SERIAL_BELOW = 1 << 14;

  private final StateSpaceKernels kernels = StateSpaceKernels.current();
  private final int channels;
  private final int state;

  /// `[state, channels]`.
  private final float[] a;

  private final float[] d;
  private final Compute compute;

  /// @param aLog `[channels, state]`, copied
  /// @param d `[channels]`, copied
  /// @throws IllegalArgumentException if the shapes are other ones
  public SelectiveScan(TensorView aLog, TensorView d, Compute compute) {
    if (aLog.shape().rank() != 2 || !d.shape().is(aLog.shape().size(0))) {
      throw new IllegalArgumentException("A_log " + aLog.shape() + ", D " + d.shape());
    }
    this.channels = Math.toIntExact(aLog.shape().size(0));
    this.state = Math.toIntExact(aLog.shape().size(1));
    this.a = Transposed.floats(aLog, channels, state);
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) -Math.exp(a[i]);
    }
    this.d = d.toFloats();
    this.compute = compute;
  }

  /// The state of a row without tokens: `[state, channels]`.
  public float[] newState() {
    return new float[state * channels];
  }

  /// Takes in the next tokens of several rows, as many of each.
  ///
  /// @param y `[rows, tokens, channels]`, overwritten; may be `x`
  /// @param x `[rows, tokens, channels]`
  /// @param dt step sizes, `[rows, tokens, channels]`
  /// @param bc `B` and `C` of each token, `[rows, tokens, 2 · state]`
  /// @param tokens of each row
  /// @param states one for each row, moved on
  public void apply(
      float[] y, float[] x, float[] dt, float[] bc, int tokens, List<float[]> states) {
    int blocks = Math.ceilDiv(channels, SPLIT);
    int count = states.size() * tokens;
    int parts = (long) count * a.length < SERIAL_BELOW ? 1 : Math.min(compute.threads(), blocks);
    compute.parallel(
        parts,
        part -> {
          for (int block = blocks * part / parts; block < blocks * (part + 1) / parts; block++) {
            int from = block * SPLIT;
            int to = Math.min(channels, from + SPLIT);
            for (int t = 0; t < count; t++) {
              int at = t * channels;
              float[] h = states.get(t / tokens);
              kernels.selectiveStep(
                  y, at, x, at, dt, at, bc, t * 2 * state, a, d, h, channels, from, to);
            }
          }
        });
  }

  /// Bytes of the copies.
  public long ownBytes() {
    return (a.length + d.length) * 4L;
  }
}
