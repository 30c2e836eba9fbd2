package org.tantra.plugin.tantra;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.nn.Activation;
import org.tantra.nn.Attention;
import org.tantra.nn.Conv2d;
import org.tantra.nn.Embedding;
import org.tantra.nn.KvCache;
import org.tantra.nn.LayerNorm;
import org.tantra.nn.Linear;
import org.tantra.nn.Workspace;
import org.tantra.nn.text.LanguageModel;

/// Token and position embedding, post-norm encoder layers without a causal mask, perhaps the vector
/// of an image added to every position, a last norm, and the head.
///
/// A token changes what every other one sees, so nothing of a row can be kept: each new token
/// computes the whole row again.
///
/// @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017, figure 1, left side</a>
final class TantraNetwork implements LanguageModel {
  // Slots of the workspace.
  private static final int X = 0;
  private static final int NORMED = 1;
  private static final int QUERIES_KEYS_VALUES = 2;
  private static final int ATTENDED = 3;
  private static final int INNER = 4;

  private final TantraConfig config;
  private final Embedding tokens;
  private final Embedding positions;
  private final List<Layer> layers;
  private final Attention attention;
  private final Conv2d imageConvolution;
  private final Linear imageMap;
  private final LayerNorm finalNorm;
  private final Linear head;
  private final Compute compute;

  private record Layer(
      Linear attention,
      Linear projection,
      LayerNorm norm1,
      Linear up,
      Linear down,
      LayerNorm norm2) {
    long ownBytes() {
      return attention.ownBytes()
          + projection.ownBytes()
          + norm1.ownBytes()
          + up.ownBytes()
          + down.ownBytes()
          + norm2.ownBytes();
    }
  }

  TantraNetwork(TantraConfig config, TantraWeights weights, Compute compute) {
    this.config = config;
    this.compute = compute;
    this.tokens = new Embedding(weights.tokens());
    this.positions = new Embedding(weights.positions());
    List<Layer> built = new ArrayList<>();
    for (TantraWeights.Layer layer : weights.layers()) {
      built.add(
          new Layer(
              map(layer.attention()),
              map(layer.projection()),
              norm(layer.norm1()),
              map(layer.up()),
              map(layer.down()),
              norm(layer.norm2())));
    }
    this.layers = List.copyOf(built);
    this.attention = new Attention(config.heads(), config.heads(), config.headDim(), compute);
    this.imageConvolution =
        new Conv2d(weights.imageConvolution().weight(), weights.imageConvolution().bias(), 1);
    this.imageMap = map(weights.imageMap());
    this.finalNorm = norm(weights.finalNorm());
    this.head = Linear.rows(weights.head(), null, compute);
  }

  private Linear map(TantraWeights.Map map) {
    return Linear.rows(map.weight(), map.bias(), compute);
  }

  private LayerNorm norm(TantraWeights.Norm norm) {
    return new LayerNorm(norm.gain(), norm.bias(), config.epsilon());
  }

  @Override
  public int contextTokens() {
    return config.context();
  }

  @Override
  public int vocab() {
    return config.vocab();
  }

  @Override
  public TantraSession begin() {
    return new TantraSession(this, null);
  }

  /// A row about an image.
  ///
  /// @param image as [#imageVector] gives it
  TantraSession begin(float[] image) {
    return new TantraSession(this, image);
  }

  TantraConfig config() {
    return config;
  }

  /// What an image adds to every position: the convolution's channels, averaged over the image with
  /// its border of zeros, mapped to `[hidden]`.
  ///
  /// @param gray brightness, `[height, width]`
  float[] imageVector(float[] gray, int height, int width) {
    int channels = config.imageChannels();
    float[] means = new float[channels];
    int parts = Math.min(compute.threads(), channels);
    compute.parallel(
        parts,
        part -> {
          float[] convolved = new float[height * width];
          for (int c = channels * part / parts; c < channels * (part + 1) / parts; c++) {
            imageConvolution.apply(convolved, gray, height, width, c);
            double sum = 0;
            for (float value : convolved) {
              sum += value;
            }
            means[c] = (float) (sum / convolved.length);
          }
        });
    float[] vector = new float[config.hidden()];
    imageMap.apply(vector, means, 1);
    return vector;
  }

  /// Computes a whole row: the input of the head at each position.
  ///
  /// @param ids the first `count` are the row; at most as many as there are positions
  /// @param image added to every position after the layers, or null
  /// @param cache scratch for keys and values of one layer
  /// @param trace sees what flows between the layers
  /// @return `[count, hidden]`, an array of the workspace
  float[] forward(
      int[] ids,
      int count,
      float @Nullable [] image,
      KvCache cache,
      Workspace work,
      Cancellation cancellation,
      Trace trace) {
    int hidden = config.hidden();
    float[] x = work.floats(X, count * hidden);
    Arrays.fill(x, 0, count * hidden, 0);
    for (int t = 0; t < count; t++) {
      tokens.addTo(x, t * hidden, ids[t]);
      positions.addTo(x, t * hidden, t);
    }
    trace.see("hidden.embed", x, count * hidden);
    cache.reserve(count);
    for (int i = 0; i < layers.size(); i++) {
      cancellation.check();
      attend(layers.get(i), x, count, cache, work);
      think(layers.get(i), x, count, work);
      trace.see("hidden.layer." + i, x, count * hidden);
    }
    for (int j = 0; image != null && j < count * hidden; j++) {
      x[j] += image[j % hidden];
    }
    finalNorm.apply(x, x, count);
    trace.see("hidden.final_norm", x, count * hidden);
    return x;
  }

  /// `x = norm1(x + projection(attention(x)))`
  private void attend(Layer layer, float[] x, int count, KvCache cache, Workspace work) {
    int hidden = config.hidden();
    float[] all = work.floats(QUERIES_KEYS_VALUES, count * 3 * hidden);
    float[] attended = work.floats(ATTENDED, count * hidden);
    float[] change = work.floats(NORMED, count * hidden);
    layer.attention().apply(all, x, count);
    for (int t = 0; t < count; t++) {
      int keyAt = t * 3 * hidden + hidden;
      cache.put(0, t, all, keyAt, all, keyAt + hidden);
    }
    float scale = (float) (1 / Math.sqrt(config.headDim()));
    attention.applyToAll(attended, all, 3 * hidden, count, cache, 0, count, scale);
    layer.projection().apply(change, attended, count);
    add(x, change, count * hidden);
    layer.norm1().apply(x, x, count);
  }

  /// `x = norm2(x + down(relu(up(x))))`
  private void think(Layer layer, float[] x, int count, Workspace work) {
    int hidden = config.hidden();
    float[] inner = work.floats(INNER, count * config.inner());
    float[] change = work.floats(NORMED, count * hidden);
    layer.up().apply(inner, x, count);
    Activation.RELU.apply(inner, 0, count * config.inner());
    layer.down().apply(change, inner, count);
    add(x, change, count * hidden);
    layer.norm2().apply(x, x, count);
  }

  private static void add(float[] x, float[] change, int length) {
    for (int i = 0; i < length; i++) {
      x[i] += change[i];
    }
  }

  /// Scores of the token after each of `count` rows of `x`.
  ///
  /// @param logits `[count, vocab]`, overwritten
  void head(float[] logits, float[] x, int count) {
    head.apply(logits, x, count);
  }

  /// Bytes held beside the mapped weights.
  long ownBytes() {
    return layers.stream().mapToLong(Layer::ownBytes).sum()
        + imageConvolution.ownBytes()
        + imageMap.ownBytes()
        + finalNorm.ownBytes()
        + head.ownBytes();
  }

  /// Looks at what flows between the layers; for parity checks.
  @FunctionalInterface
  interface Trace {
    Trace NONE = (_, _, _) -> {};

    /// @param place as golden cases name it
    /// @param x `[tokens, hidden]` in its first `length` elements; valid during the call only
    void see(String place, float[] x, int length);
  }
}
