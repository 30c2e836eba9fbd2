package org.tantra.plugin.longvita;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.Attention;
import org.tantra.nn.KvCache;
import org.tantra.nn.Linear;
import org.tantra.nn.Workspace;

/// A vision transformer: patches to tokens, a class token before them, positions, and blocks `x +=
/// scale1 · attention(norm1(x)); x += scale2 · mlp(norm2(x))`.
///
/// Holds no state; any number of threads may compute pictures.
///
/// @see <a href="https://arxiv.org/abs/2010.11929">Dosovitskiy et al. 2020, figure 1</a>
/// @see <a href="https://arxiv.org/abs/2312.14238">Chen et al. 2023 (InternViT)</a>
final class VisionNetwork {
  // Slots of the workspace.
  private static final int NORMED = 0;
  private static final int QUERY = 1;
  private static final int KEY = 2;
  private static final int VALUE = 3;
  private static final int ATTENDED = 4;
  private static final int INNER = 5;

  private final VisionConfig config;
  private final Compute compute;
  private final float[] classToken;
  private final Linear patches;
  private final float[] positions;
  private final @Nullable RowNorm firstNorm;
  private final List<Block> blocks;
  private final @Nullable RowNorm lastNorm;
  private final @Nullable Linear head;
  private final @Nullable Projector projector;
  private final Attention attention;

  private record Block(
      RowNorm norm1,
      Linear query,
      Linear key,
      Linear value,
      RowNorm queryNorm,
      RowNorm keyNorm,
      Linear output,
      Scale scale1,
      RowNorm norm2,
      Linear up,
      Linear down,
      Scale scale2) {}

  /// Adds a change to the residual stream, each channel by its own measure.
  private static final class Scale {
    private final float @Nullable [] factors;

    Scale(@Nullable TensorView factors) {
      this.factors = factors == null ? null : factors.toFloats();
    }

    /// @param hidden width of a row; rows `from` until `to` are changed
    void add(float[] x, float[] change, int hidden, int from, int to) {
      float[] by = factors;
      for (int t = from; t < to; t++) {
        for (int i = 0; i < hidden; i++) {
          float added = change[t * hidden + i];
          x[t * hidden + i] += by == null ? added : by[i] * added;
        }
      }
    }
  }

  VisionNetwork(VisionConfig config, VisionWeights weights, Compute compute) {
    this.config = config;
    this.compute = compute;
    this.classToken = weights.classToken().toFloats();
    this.patches = map(weights.patches(), compute);
    this.positions = weights.positions().toFloats();
    this.firstNorm = norm(weights.firstNorm());
    this.lastNorm = norm(weights.lastNorm());
    VisionWeights.Map last = weights.head();
    this.head = last == null ? null : map(last, compute);
    VisionWeights.Projector into = weights.projector();
    this.projector = into == null ? null : new Projector(config, into, compute);
    this.attention = new Attention(config.heads(), config.heads(), config.headDim(), compute);
    List<Block> built = new ArrayList<>();
    double epsilon = config.epsilon();
    for (VisionWeights.Block block : weights.blocks()) {
      built.add(
          new Block(
              RowNorm.of(block.norm1(), epsilon),
              map(block.query(), compute),
              map(block.key(), compute),
              map(block.value(), compute),
              RowNorm.rms(block.queryNorm(), epsilon),
              RowNorm.rms(block.keyNorm(), epsilon),
              map(block.output(), compute),
              new Scale(block.scale1()),
              RowNorm.of(block.norm2(), epsilon),
              map(block.up(), compute),
              map(block.down(), compute),
              new Scale(block.scale2())));
    }
    this.blocks = List.copyOf(built);
  }

  private @Nullable RowNorm norm(VisionWeights.@Nullable Norm norm) {
    return norm == null ? null : RowNorm.of(norm, config.epsilon());
  }

  private static Linear map(VisionWeights.Map map, Compute compute) {
    return Linear.rows(map.weight(), map.bias(), compute);
  }

  VisionConfig config() {
    return config;
  }

  /// Long-VITA's projector, if the checkpoint holds it.
  @Nullable Projector projector() {
    return projector;
  }

  /// Looks at what flows between the blocks; for parity checks.
  @FunctionalInterface
  interface Trace {
    Trace NONE = (_, _) -> {};

    /// @param place `embeddings`, `first_norm`, or `hidden.N` behind block N
    /// @param x `[tokens, hidden]`, valid during the call only
    void see(String place, float[] x);
  }

  /// How many tokens a picture of these sizes becomes, the class token included.
  int tokens(int height, int width) {
    return 1 + height / config.patchSize() * (width / config.patchSize());
  }

  /// Computes one picture.
  ///
  /// @param pixels normalised, `[channels, height, width]`; sides of whole patches
  /// @return `[tokens, hidden]`: behind the last block, before [#finish]
  float[] forward(float[] pixels, int height, int width, Cancellation cancellation, Trace trace) {
    int tokens = tokens(height, width);
    float[] x = embed(pixels, height, width);
    trace.see("embeddings", x);
    if (firstNorm != null) {
      firstNorm.apply(x, x, tokens);
      trace.see("first_norm", x);
    }
    Workspace work = new Workspace();
    try (KvCache cache = new KvCache(1, config.heads(), config.headDim(), tokens)) {
      cache.reserve(tokens);
      for (int i = 0; i < blocks.size(); i++) {
        cancellation.check();
        attend(blocks.get(i), x, tokens, cache, work);
        think(blocks.get(i), x, tokens, work);
        trace.see("hidden." + i, x);
      }
    }
    return x;
  }

  /// Patches, row by row, as tokens; the class token first; positions added.
  private float[] embed(float[] pixels, int height, int width) {
    int side = config.patchSize();
    int hidden = config.hidden();
    int rows = height / side;
    int columns = width / side;
    float[] cut = new float[rows * columns * config.channels() * side * side];
    int to = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int c = 0; c < config.channels(); c++) {
          for (int a = 0; a < side; a++) {
            int from = (c * height + i * side + a) * width + j * side;
            System.arraycopy(pixels, from, cut, to, side);
            to += side;
          }
        }
      }
    }
    float[] embedded = new float[rows * columns * hidden];
    patches.apply(embedded, cut, rows * columns);
    float[] x = new float[hidden + embedded.length];
    System.arraycopy(classToken, 0, x, 0, hidden);
    System.arraycopy(embedded, 0, x, hidden, embedded.length);
    float[] places = positions(rows, columns);
    for (int i = 0; i < hidden; i++) {
      x[i] += positions[i];
    }
    for (int i = 0; i < places.length; i++) {
      x[hidden + i] += places[i];
    }
    return x;
  }

  private float[] positions(int rows, int columns) {
    int hidden = config.hidden();
    int grid = config.grid();
    return rows == grid && columns == grid
        ? Arrays.copyOfRange(positions, hidden, positions.length)
        : PositionGrid.resized(positions, hidden, grid, hidden, rows, columns);
  }

  private void attend(Block block, float[] x, int tokens, KvCache cache, Workspace work) {
    int hidden = config.hidden();
    float[] normed = work.floats(NORMED, tokens * hidden);
    float[] query = work.floats(QUERY, tokens * hidden);
    float[] key = work.floats(KEY, tokens * hidden);
    float[] value = work.floats(VALUE, tokens * hidden);
    float[] attended = work.floats(ATTENDED, tokens * hidden);
    block.norm1().apply(normed, x, tokens);
    block.query().apply(query, normed, tokens);
    block.key().apply(key, normed, tokens);
    block.value().apply(value, normed, tokens);
    block.queryNorm().apply(query, query, tokens);
    block.keyNorm().apply(key, key, tokens);
    for (int t = 0; t < tokens; t++) {
      cache.put(0, t, key, t * hidden, value, t * hidden);
    }
    float scale = (float) (1 / Math.sqrt(config.headDim()));
    attention.applyToAll(attended, query, hidden, tokens, cache, 0, tokens, scale);
    block.output().apply(normed, attended, tokens);
    spread(tokens, (from, to) -> block.scale1().add(x, normed, hidden, from, to));
  }

  private void think(Block block, float[] x, int tokens, Workspace work) {
    int hidden = config.hidden();
    float[] normed = work.floats(NORMED, tokens * hidden);
    float[] inner = work.floats(INNER, tokens * config.inner());
    block.norm2().apply(normed, x, tokens);
    block.up().apply(inner, normed, tokens);
    int width = config.inner();
    spread(
        tokens, (from, to) -> config.activation().apply(inner, from * width, (to - from) * width));
    block.down().apply(normed, inner, tokens);
    spread(tokens, (from, to) -> block.scale2().add(x, normed, hidden, from, to));
  }

  /// Work on the tokens `from` until `to` that needs no others.
  private interface Share {
    void work(int from, int to);
  }

  private void spread(int tokens, Share share) {
    int parts = Math.min(compute.threads(), tokens);
    compute.parallel(
        parts,
        part ->
            share.work(
                (int) ((long) tokens * part / parts), (int) ((long) tokens * (part + 1) / parts)));
  }

  /// ViT's norm behind the blocks; the other families have none there.
  ///
  /// @param x `[tokens, hidden]`, changed
  void finish(float[] x) {
    if (config.layout() == VisionConfig.Layout.VIT && lastNorm != null) {
      lastNorm.apply(x, x, x.length / config.hidden());
    }
  }

  /// The class token's vector: as it is, and for CLIP through its norm.
  ///
  /// @param x `[tokens, hidden]` after [#finish]
  float[] classVector(float[] x) {
    float[] vector = Arrays.copyOf(x, config.hidden());
    if (config.layout() == VisionConfig.Layout.CLIP && lastNorm != null) {
      lastNorm.apply(vector, vector, 1);
    }
    return vector;
  }

  /// The mean of all patches' vectors.
  ///
  /// @param x `[tokens, hidden]`
  float[] patchMean(float[] x) {
    int hidden = config.hidden();
    int count = x.length / hidden - 1;
    float[] mean = new float[hidden];
    for (int i = 0; i < hidden; i++) {
      double sum = 0;
      for (int t = 1; t <= count; t++) {
        sum += x[t * hidden + i];
      }
      mean[i] = (float) (sum / count);
    }
    return mean;
  }

  /// What one picture means: the class vector where the family trains it, otherwise the mean of the
  /// patches, since Long-VITA drops the class token.
  float[] meaning(float[] pixels, int height, int width, Cancellation cancellation) {
    float[] x = forward(pixels, height, width, cancellation, Trace.NONE);
    finish(x);
    return config.intern() ? patchMean(x) : classVector(x);
  }

  /// The classifier's scores, or the vector in CLIP's space of texts.
  ///
  /// @param classVector as [#classVector] gives it
  /// @return nothing if the checkpoint has no such head
  float @Nullable [] head(float[] classVector) {
    if (head == null) {
      return null;
    }
    float[] scores = new float[head.out()];
    head.apply(scores, classVector, 1);
    return scores;
  }
}
