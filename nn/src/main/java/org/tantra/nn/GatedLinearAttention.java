package org.tantra.nn;

import java.util.List;
import org.tantra.api.Compute;
import org.tantra.nn.kernel.GatedStateKernels;

/// Gated linear attention, token by token: attention without softmax, whose past is one matrix per
/// head that fades by a gate for each of its rows.
///
/// ```
/// S_t[i][j] = decay_t[i] · S_{t-1}[i][j] + k_t[i] · v_t[j]
/// o_t[j]    = scale · Σ_i q_t[i] · S_t[i][j]
/// ```
///
/// Several query heads may share one head of keys, values and gates. They then share its state too:
/// it does not depend on queries, so it is kept and moved on once.
///
/// @see <a href="https://arxiv.org/abs/2312.06635">Yang et al. 2023, section 3</a>
public final class GatedLinearAttention {
  /// State updates below which waking other threads costs more than it saves, at some eight per
  /// nanosecond.
  private static final long SERIAL_BELOW = 1 << 16;

  private final GatedStateKernels kernels = GatedStateKernels.current();
  private final int heads;
  private final int kvHeads;
  private final int headDim;
  private final float scale;
  private final Compute compute;

  /// @param scale of the queries, usually `1 / sqrt(headDim)`
  /// @throws IllegalArgumentException if `heads` is no multiple of `kvHeads`
  public GatedLinearAttention(int heads, int kvHeads, int headDim, float scale, Compute compute) {
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(heads + " heads over " + kvHeads + " of keys and values");
    }
    this.heads = heads;
    this.kvHeads = kvHeads;
    this.headDim = headDim;
    this.scale = scale;
    this.compute = compute;
  }

  /// The state of a row without tokens: `[kvHeads, headDim, headDim]`, keys before values.
  public float[] newState() {
    return new float[Math.multiplyExact(kvHeads * headDim, headDim)];
  }

  /// Takes in the next tokens of several rows, as many of each.
  ///
  /// @param out `[rows, tokens, heads · headDim]`, overwritten; not `queries`
  /// @param queries `[rows, tokens, heads · headDim]`
  /// @param keys `[rows, tokens, kvHeads · headDim]`
  /// @param values `[rows, tokens, kvHeads · headDim]`
  /// @param decay what stays of each row of the state, between 0 and 1, shaped like `keys`
  /// @param tokens of each row
  /// @param states one for each row, moved on
  public void apply(
      float[] out,
      float[] queries,
      float[] keys,
      float[] values,
      float[] decay,
      int tokens,
      List<float[]> states) {
    int count = states.size() * tokens;
    long work = (long) count * (kvHeads + heads) * headDim * headDim;
    int parts = work < SERIAL_BELOW ? 1 : Math.min(compute.threads(), kvHeads);
    compute.parallel(
        parts,
        part -> {
          for (int head = kvHeads * part / parts; head < kvHeads * (part + 1) / parts; head++) {
            for (int t = 0; t < count; t++) {
              step(out, queries, keys, values, decay, t, head, states.get(t / tokens));
            }
          }
        });
  }

  private void step(
      float[] out,
      float[] queries,
      float[] keys,
      float[] values,
      float[] decay,
      int t,
      int kvHead,
      float[] state) {
    int at = (t * kvHeads + kvHead) * headDim;
    int stateAt = kvHead * headDim * headDim;
    kernels.update(state, stateAt, decay, keys, at, headDim, values, at, headDim);
    int shared = heads / kvHeads;
    for (int head = kvHead * shared; head < (kvHead + 1) * shared; head++) {
      int queryAt = (t * heads + head) * headDim;
      kernels.read(out, queryAt, queries, queryAt, headDim, scale, state, stateAt, headDim);
    }
  }
}
