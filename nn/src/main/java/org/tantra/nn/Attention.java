package org.tantra.nn;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.tantra.api.Compute;
import org.tantra.nn.kernel.KernelChoice;
import org.tantra.nn.kernel.Kernels;

/// Attention of new tokens to all tokens of a [KvCache], their own included: `out = softmax(scale ·
/// q Kᵀ) V` per head. Several query heads may share one head of keys and values.
///
/// @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017, section 3.2</a>
/// @see <a href="https://arxiv.org/abs/2305.13245">Ainslie et al. 2023 (shared heads)</a>
public final class Attention {
  /// Multiply-adds below which one thread does it all, as in [Linear].
  private static final long SERIAL_BELOW = 1 << 16;

  private final Kernels kernels = KernelChoice.current().kernels();
  private final int heads;
  private final int kvHeads;
  private final int headDim;
  private final Compute compute;

  /// @throws IllegalArgumentException if `heads` is no multiple of `kvHeads`
  public Attention(int heads, int kvHeads, int headDim, Compute compute) {
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(heads + " heads over " + kvHeads + " of keys and values");
    }
    this.heads = heads;
    this.kvHeads = kvHeads;
    this.headDim = headDim;
    this.compute = compute;
  }

  /// Attends from tokens at positions `start` until `start + tokens`, whose keys and values are in
  /// the cache already.
  ///
  /// @param out `[tokens, heads · headDim]`, overwritten
  /// @param queries row `t` begins at `t · queryStride` and holds `[heads, headDim]`
  /// @param scale factor of the scores, usually `1 / sqrt(headDim)`
  public void apply(
      float[] out,
      float[] queries,
      int queryStride,
      int tokens,
      KvCache cache,
      int layer,
      int start,
      float scale) {
    spread(
        out, queries, queryStride, tokens, cache, layer, start + tokens, t -> start + t + 1, scale);
  }

  /// Attends from tokens to the first `visible` positions of the cache, wherever the tokens stand:
  /// what an encoder does with its own tokens, and a decoder with those of an encoder.
  ///
  /// @param out `[tokens, heads · headDim]`, overwritten
  /// @param queries row `t` begins at `t · queryStride` and holds `[heads, headDim]`
  /// @param scale factor of the scores, usually `1 / sqrt(headDim)`
  public void applyToAll(
      float[] out,
      float[] queries,
      int queryStride,
      int tokens,
      KvCache cache,
      int layer,
      int visible,
      float scale) {
    spread(out, queries, queryStride, tokens, cache, layer, visible, _ -> visible, scale);
  }

  /// The scores of one head before the softmax, `scale · q Kᵀ`: which of the cache's positions each
  /// token looks at.
  ///
  /// @param out `[tokens, visible]`, overwritten
  /// @param queries row `t` begins at `t · queryStride` and holds `[heads, headDim]`
  public void scores(
      float[] out,
      float[] queries,
      int queryStride,
      int tokens,
      KvCache cache,
      int layer,
      int head,
      int visible,
      float scale) {
    Arrays.fill(out, 0, tokens * visible, 0);
    for (int t = 0; t < tokens; t++) {
      int queryAt = t * queryStride + head * headDim;
      int shared = head / (heads / kvHeads);
      kernels.combine(
          out, t * visible, queries, queryAt, cache.keys(layer, shared), headDim, visible);
    }
    for (int i = 0; i < tokens * visible; i++) {
      out[i] *= scale;
    }
  }

  /// Spreads the heads over the threads.
  ///
  /// @param longest largest of the counts that `visible` gives for a token's index
  private void spread(
      float[] out,
      float[] queries,
      int queryStride,
      int tokens,
      KvCache cache,
      int layer,
      int longest,
      IntUnaryOperator visible,
      float scale) {
    Arrays.fill(out, 0, tokens * heads * headDim, 0);
    long work = 2L * tokens * longest * heads * headDim;
    int parts = work < SERIAL_BELOW ? 1 : Math.min(compute.threads(), heads);
    compute.parallel(
        parts,
        part -> {
          float[] scores = new float[longest];
          for (int head = heads * part / parts; head < heads * (part + 1) / parts; head++) {
            for (int t = 0; t < tokens; t++) {
              int outAt = (t * heads + head) * headDim;
              int queryAt = t * queryStride + head * headDim;
              attend(
                  out,
                  outAt,
                  queries,
                  queryAt,
                  cache,
                  layer,
                  head,
                  visible.applyAsInt(t),
                  scale,
                  scores);
            }
          }
        });
  }

  private void attend(
      float[] out,
      int outAt,
      float[] queries,
      int queryAt,
      KvCache cache,
      int layer,
      int head,
      int visible,
      float scale,
      float[] scores) {
    int shared = head / (heads / kvHeads);
    Arrays.fill(scores, 0, visible, 0);
    kernels.combine(scores, 0, queries, queryAt, cache.keys(layer, shared), headDim, visible);
    for (int i = 0; i < visible; i++) {
      scores[i] *= scale;
    }
    kernels.softmax(scores, 0, visible);
    kernels.combine(out, outAt, scores, 0, cache.values(layer, shared), visible, headDim);
  }
}
