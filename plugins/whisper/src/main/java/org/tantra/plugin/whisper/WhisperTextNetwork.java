package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.tensor.DType;
import org.tantra.nn.Attention;
import org.tantra.nn.Embedding;
import org.tantra.nn.KvCache;
import org.tantra.nn.LayerNorm;
import org.tantra.nn.Linear;
import org.tantra.nn.Trace;

/// The decoder: tokens so far and the encoder's output to scores of the next token.
///
/// Rows of tokens over the same window are computed together, so that weights are read once for all
/// beams.
///
/// @see <a href="https://arxiv.org/abs/2212.04356">Radford et al. 2022, section 2.2</a>
final class WhisperTextNetwork {
  /// Up to here keys and values of a window stay exact whatever the weights are: no published size
  /// is so small, and the accuracy costs next to nothing.
  private static final long SMALL_CACHE_BYTES = 16L << 20;

  private final WhisperConfig config;
  private final Compute compute;
  private final boolean exact;
  private final Embedding tokens;
  private final Embedding positions;
  private final List<Block> blocks = new ArrayList<>();
  private final LayerNorm finalNorm;
  private final Linear head;
  private final Attention attention;
  private final int headDim;
  private final float scale;

  private record Block(AttentionLayer self, AttentionLayer cross, InnerLayer inner) {}

  /// Sees what goes into the attention to the encoder's output.
  @FunctionalInterface
  interface CrossTrace {
    /// @param queries `[tokens, hidden]`; valid during the call only
    void see(int layer, float[] queries, int tokens);

    /// Nobody looks.
    CrossTrace NONE = (_, _, _) -> {};
  }

  /// Who looks at what flows between the layers.
  record Traces(Trace hidden, CrossTrace cross) {
    static final Traces NONE = new Traces(Trace.NONE, CrossTrace.NONE);
  }

  WhisperTextNetwork(WhisperConfig config, WhisperWeights.Text weights, Compute compute) {
    this.config = config;
    this.compute = compute;
    this.exact =
        weights.tokens().dtype() == DType.F32 || ExactCrossCache.bytes(config) <= SMALL_CACHE_BYTES;
    this.tokens = new Embedding(weights.tokens());
    this.positions = new Embedding(weights.positions());
    for (WhisperWeights.Block block : weights.blocks()) {
      blocks.add(
          new Block(
              AttentionLayer.of(block.self(), compute),
              AttentionLayer.of(requireNonNull(block.cross()), compute),
              InnerLayer.of(block, compute)));
    }
    this.finalNorm = AttentionLayer.norm(weights.norm());
    this.head = Linear.rows(weights.tokens(), null, compute);
    this.headDim = config.hidden() / config.textHeads();
    this.scale = (float) (1 / Math.sqrt(headDim));
    this.attention = new Attention(config.textHeads(), config.textHeads(), headDim, compute);
  }

  WhisperConfig config() {
    return config;
  }

  /// An empty row.
  TextRow begin() {
    return new TextRow(
        new KvCache(config.textLayers(), config.textHeads(), headDim, config.textPositions()));
  }

  /// Keys and values of an encoded window, computed once for all tokens; whoever asks closes it.
  ///
  /// @param audio `[positions, hidden]`
  CrossCache cross(float[] audio) {
    int count = config.audioPositions();
    CrossCache cache =
        exact ? new ExactCrossCache(config, compute) : new RoundedCrossCache(config, compute);
    float[] key = new float[count * config.hidden()];
    float[] value = new float[count * config.hidden()];
    for (int layer = 0; layer < blocks.size(); layer++) {
      blocks.get(layer).cross().key().apply(key, audio, count);
      blocks.get(layer).cross().value().apply(value, audio, count);
      cache.put(layer, key, value);
    }
    return cache;
  }

  /// Takes in the next tokens of each row, as many for one as for another.
  ///
  /// @param cross of the window
  /// @param more `more.get(r)` follows what `rows.get(r)` has; rows must not grow beyond the
  ///   context
  /// @return states after the final norm, `[rows, tokens, hidden]`
  float[] forward(
      List<TextRow> rows,
      List<int[]> more,
      CrossCache cross,
      Cancellation cancellation,
      Traces traces) {
    int hidden = config.hidden();
    int count = more.getFirst().length;
    int all = rows.size() * count;
    float[] x = new float[all * hidden];
    for (int r = 0; r < rows.size(); r++) {
      TextRow row = rows.get(r);
      row.cache().reserve(row.length() + count);
      for (int t = 0; t < count; t++) {
        int at = (r * count + t) * hidden;
        tokens.addTo(x, at, more.get(r)[t]);
        positions.addTo(x, at, row.length() + t);
      }
    }
    traces.hidden().see("hidden.0", x, x.length);
    Step step = new Step(rows, count, cross, x);
    for (int layer = 0; layer < blocks.size(); layer++) {
      cancellation.check();
      Block block = blocks.get(layer);
      step.attendSelf(block.self(), layer);
      step.attendCross(block.cross(), layer, traces.cross());
      block.inner().addTo(x, all);
      if (layer < blocks.size() - 1) {
        traces.hidden().see("hidden." + (layer + 1), x, x.length);
      }
    }
    rows.forEach(row -> row.grow(count));
    finalNorm.apply(x, x, all);
    traces.hidden().see("hidden." + blocks.size(), x, x.length);
    return x;
  }

  /// Scores of the next token.
  ///
  /// @param states `[rows, hidden]`, as [#forward] gives them
  /// @return `[rows, vocab]`
  float[] logits(float[] states, int rows) {
    float[] logits = new float[rows * config.vocab()];
    head.apply(logits, states, rows);
    return logits;
  }

  /// One pass through the layers.
  private final class Step {
    private final List<TextRow> rows;
    private final int count;
    private final CrossCache cross;
    private final float[] x;
    private final float[] normed;
    private final float[] query;
    private final float[] key;
    private final float[] value;
    private final float[] rowQuery;
    private final float[] rowOut;

    Step(List<TextRow> rows, int count, CrossCache cross, float[] x) {
      this.rows = rows;
      this.count = count;
      this.cross = cross;
      this.x = x;
      this.normed = new float[x.length];
      this.query = new float[x.length];
      this.key = new float[x.length];
      this.value = new float[x.length];
      this.rowQuery = new float[count * config.hidden()];
      this.rowOut = new float[count * config.hidden()];
    }

    /// `x += out(attention(norm(x)))` among the tokens of each row.
    void attendSelf(AttentionLayer layer, int index) {
      int all = rows.size() * count;
      int hidden = config.hidden();
      layer.norm().apply(normed, x, all);
      layer.query().apply(query, normed, all);
      layer.key().apply(key, normed, all);
      layer.value().apply(value, normed, all);
      for (int r = 0; r < rows.size(); r++) {
        TextRow row = rows.get(r);
        for (int t = 0; t < count; t++) {
          int at = (r * count + t) * hidden;
          row.cache().put(index, row.length() + t, key, at, value, at);
        }
        System.arraycopy(query, r * rowQuery.length, rowQuery, 0, rowQuery.length);
        attention.apply(rowOut, rowQuery, hidden, count, row.cache(), index, row.length(), scale);
        System.arraycopy(rowOut, 0, normed, r * rowOut.length, rowOut.length);
      }
      add(layer.out());
    }

    /// `x += out(attention(norm(x), window))`
    void attendCross(AttentionLayer layer, int index, CrossTrace trace) {
      int all = rows.size() * count;
      layer.norm().apply(normed, x, all);
      layer.query().apply(query, normed, all);
      trace.see(index, query, all);
      cross.attend(normed, query, all, index);
      add(layer.out());
    }

    private void add(Linear out) {
      out.apply(query, normed, rows.size() * count);
      for (int i = 0; i < x.length; i++) {
        x[i] += query[i];
      }
    }
  }

  /// Bytes held beside the weights.
  long ownBytes() {
    long bytes = finalNorm.ownBytes() + head.ownBytes();
    for (Block block : blocks) {
      bytes += block.self().ownBytes() + block.cross().ownBytes() + block.inner().ownBytes();
    }
    return bytes;
  }
}
