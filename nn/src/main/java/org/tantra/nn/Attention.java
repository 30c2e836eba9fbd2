package org.tantra.nn;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.tantra.api.Compute;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
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

  /// Tokens from which they attend together, and how many do: enough that keys and values are read
  /// seldom, few enough that their scores fit the cache of a CPU.
  private static final int TOGETHER_FROM = 8;

  private static final int CHUNK = 128;

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

  /// Attends from the last tokens of several rows, each to its own cache, whose last position is
  /// the token's: one step of rows that are decoded together.
  ///
  /// @param out `[rows, heads · headDim]`, overwritten
  /// @param queries row `r` begins at `r · queryStride` and holds `[heads, headDim]`
  /// @param caches one for each row
  /// @param positions of the tokens, one for each row
  /// @param scale factor of the scores, usually `1 / sqrt(headDim)`
  public void applyEach(
      float[] out,
      float[] queries,
      int queryStride,
      List<KvCache> caches,
      int layer,
      int[] positions,
      float scale) {
    int rows = caches.size();
    Arrays.fill(out, 0, rows * heads * headDim, 0);
    long seen = 0;
    int longest = 0;
    for (int row = 0; row < rows; row++) {
      seen += positions[row] + 1;
      longest = Math.max(longest, positions[row] + 1);
    }
    int all = rows * heads;
    int room = longest;
    int parts = 2 * seen * heads * headDim < SERIAL_BELOW ? 1 : Math.min(compute.threads(), all);
    compute.parallel(
        parts,
        part -> {
          float[] scores = new float[room];
          for (int i = all * part / parts; i < all * (part + 1) / parts; i++) {
            int row = i / heads;
            KvCache cache = caches.get(row);
            Head one = new Head(queryStride, cache, layer, i % heads, scale, r -> positions[r] + 1);
            attend(out, queries, one, row, scores);
          }
        });
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
          int chunk = Math.min(CHUNK, tokens);
          float[] scores = new float[tokens < TOGETHER_FROM ? longest : chunk * longest];
          for (int head = heads * part / parts; head < heads * (part + 1) / parts; head++) {
            Head one = new Head(queryStride, cache, layer, head, scale, visible);
            if (tokens < TOGETHER_FROM) {
              for (int t = 0; t < tokens; t++) {
                attend(out, queries, one, t, scores);
              }
            } else {
              for (int t = 0; t < tokens; t += chunk) {
                attendTogether(out, queries, one, t, Math.min(chunk, tokens - t), scores);
              }
            }
          }
        });
  }

  /// One head of queries and what it looks at.
  private record Head(
      int queryStride, KvCache cache, int layer, int head, float scale, IntUnaryOperator visible) {
    int queryAt(int token, int headDim) {
      return token * queryStride + head * headDim;
    }
  }

  /// Several tokens at once, as products of matrices. Positions that a token does not see take part
  /// with a probability of 0, which changes no sum of finite numbers.
  private void attendTogether(
      float[] out, float[] queries, Head head, int first, int count, float[] scores) {
    int longest = head.visible().applyAsInt(first + count - 1);
    float[] gathered = new float[count * headDim];
    for (int t = 0; t < count; t++) {
      System.arraycopy(queries, head.queryAt(first + t, headDim), gathered, t * headDim, headDim);
    }
    int shared = head.head() / (heads / kvHeads);
    Arrays.fill(scores, 0, count * longest, 0);
    kernels.columnProducts(
        scores, longest, gathered, count, head.cache().keys(head.layer(), shared), 0, longest);
    for (int t = 0; t < count; t++) {
      int visible = head.visible().applyAsInt(first + t);
      toProbabilities(scores, t * longest, visible, head.scale());
      Arrays.fill(scores, t * longest + visible, (t + 1) * longest, 0);
    }
    TensorView values = head.cache().values(head.layer(), shared);
    TensorView seen =
        new TensorView(
            values.dtype(),
            Shape.of(longest, headDim),
            values.memory().asSlice(0, longest * (headDim * 4L)));
    float[] attended = new float[count * headDim];
    kernels.columnProducts(attended, headDim, scores, count, seen, 0, headDim);
    for (int t = 0; t < count; t++) {
      System.arraycopy(
          attended, t * headDim, out, ((first + t) * heads + head.head()) * headDim, headDim);
    }
  }

  private void attend(float[] out, float[] queries, Head head, int token, float[] scores) {
    int visible = head.visible().applyAsInt(token);
    int shared = head.head() / (heads / kvHeads);
    int queryAt = head.queryAt(token, headDim);
    TensorView keys = head.cache().keys(head.layer(), shared);
    Arrays.fill(scores, 0, visible, 0);
    kernels.combine(scores, 0, queries, queryAt, keys, headDim, visible);
    toProbabilities(scores, 0, visible, head.scale());
    int outAt = (token * heads + head.head()) * headDim;
    TensorView values = head.cache().values(head.layer(), shared);
    kernels.combine(out, outAt, scores, 0, values, visible, headDim);
  }

  private void toProbabilities(float[] scores, int at, int count, float scale) {
    for (int i = at; i < at + count; i++) {
      scores[i] *= scale;
    }
    kernels.softmax(scores, at, count);
  }
}
