package org.tantra.nn;

import java.util.List;
import org.tantra.api.Compute;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.kernel.StateSpaceKernels;

/// Mamba-2's state space: the channels of one head share one scalar decay, and the heads of one
/// group share `B` and `C`.
///
/// For each token and head, with `A = -exp(aLog)`:
///
/// ```
/// h[p][s] = exp(dt · A) · h[p][s] + dt · x[p] · B[s]
/// y[p]    = D · x[p] + Σ_s h[p][s] · C[s]
/// ```
///
/// @see <a href="https://arxiv.org/abs/2405.21060">Dao and Gu 2024, section 7</a>
public final class HeadScan {
  /// State updates below which waking other threads costs more than it saves, at some eight per
  /// nanosecond.
  private static final int SERIAL_BELOW = 1 << 16;

  private final StateSpaceKernels kernels = StateSpaceKernels.current();
  private final float[] a;
  private final float[] d;
  private final int heads;
  private final int headDim;
  private final int groups;
  private final int state;
  private final Compute compute;

  /// @param aLog `[heads]`, copied
  /// @param d `[heads]`, copied
  /// @throws IllegalArgumentException if the shapes are other ones, or `heads` is no multiple of
  ///   `groups`
  public HeadScan(
      TensorView aLog, TensorView d, int headDim, int groups, int state, Compute compute) {
    this.a = aLog.toFloats();
    this.d = d.toFloats();
    this.heads = a.length;
    if (d.shape().elements() != heads || heads % groups != 0) {
      throw new IllegalArgumentException(
          "A_log " + aLog.shape() + ", D " + d.shape() + " in " + groups + " groups");
    }
    for (int head = 0; head < heads; head++) {
      a[head] = (float) -Math.exp(a[head]);
    }
    this.headDim = headDim;
    this.groups = groups;
    this.state = state;
    this.compute = compute;
  }

  /// The state of a row without tokens: `[heads, state, headDim]`.
  public float[] newState() {
    return new float[heads * state * headDim];
  }

  /// Takes in the next tokens of several rows, as many of each.
  ///
  /// @param y `[rows, tokens, heads · headDim]`, overwritten
  /// @param xbc `x`, `B` and `C` of each token, `[rows, tokens, heads · headDim + 2 · groups ·
  ///   state]`
  /// @param dt step sizes, `[rows, tokens, heads]`
  /// @param tokens of each row
  /// @param states one for each row, moved on
  public void apply(float[] y, float[] xbc, float[] dt, int tokens, List<float[]> states) {
    int inner = heads * headDim;
    int stride = inner + 2 * groups * state;
    int count = states.size() * tokens;
    long work = (long) count * inner * state;
    int parts = work < SERIAL_BELOW ? 1 : Math.min(compute.threads(), heads);
    compute.parallel(
        parts,
        part -> {
          for (int head = heads * part / parts; head < heads * (part + 1) / parts; head++) {
            int bAt = inner + head / (heads / groups) * state;
            for (int t = 0; t < count; t++) {
              float step = dt[t * heads + head];
              kernels.headStep(
                  y,
                  t * inner + head * headDim,
                  xbc,
                  t * stride + head * headDim,
                  headDim,
                  (float) Math.exp(step * a[head]),
                  step,
                  d[head],
                  xbc,
                  t * stride + bAt,
                  t * stride + bAt + groups * state,
                  states.get(t / tokens),
                  head * state * headDim,
                  state);
            }
          }
        });
  }

  /// Bytes of the copies.
  public long ownBytes() {
    return (a.length + d.length) * 4L;
  }
}
