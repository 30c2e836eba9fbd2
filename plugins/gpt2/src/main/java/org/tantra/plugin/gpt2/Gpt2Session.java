package org.tantra.plugin.gpt2;

import java.util.Arrays;
import org.tantra.api.Cancellation;
import org.tantra.nn.KvCache;
import org.tantra.nn.text.Session;

/// One row of tokens going through a [Gpt2Network]: the KV cache and the buffers of a step.
final class Gpt2Session implements Session {
  /// Tokens computed together: enough that weights are read seldom, few enough that the buffers of
  /// the largest GPT-2 stay below 20 MB and cancellation is noticed soon.
  private static final int PREFILL_BLOCK = 128;

  /// Positions whose logits are computed together when all are asked for.
  private static final int HEAD_BLOCK = 8;

  private final Gpt2Network network;
  private final Gpt2Config config;
  private final KvCache cache;
  private final float[] logits;
  private final HiddenReader hidden;
  private int position;

  /// Tokens that the buffers below have room for.
  private int room;

  private float[] x = {};
  private float[] normed = {};
  private float[] queriesKeysValues = {};
  private float[] attended = {};
  private float[] inner = {};

  /// Sees the residual stream between layers; for the parity check.
  interface HiddenReader {
    /// @param name as in golden cases: `hidden.embed`, `hidden.layer.0`, `hidden.final_norm`
    /// @param x `[tokens, hidden]` in front
    void read(String name, float[] x, int tokens);

    HiddenReader NONE = (_, _, _) -> {};
  }

  Gpt2Session(Gpt2Network network) {
    this(network, HiddenReader.NONE);
  }

  Gpt2Session(Gpt2Network network, HiddenReader hidden) {
    this.network = network;
    this.config = network.config();
    this.hidden = hidden;
    this.cache = new KvCache(config.layers(), config.heads(), config.headDim(), config.context());
    this.logits = new float[config.vocab()];
  }

  @Override
  public int position() {
    return position;
  }

  @Override
  public float[] append(int[] tokens, Cancellation cancellation) {
    requireFitting(tokens);
    int last = 0;
    for (int from = 0; from < tokens.length; from += PREFILL_BLOCK) {
      last = Math.min(PREFILL_BLOCK, tokens.length - from) - 1;
      forward(tokens, from, last + 1, cancellation);
    }
    int width = config.hidden();
    System.arraycopy(x, last * width, normed, 0, width);
    network.finalNorm().apply(normed, normed, 1);
    network.head().apply(logits, normed, 1);
    return logits;
  }

  @Override
  public void append(int[] tokens, Cancellation cancellation, LogitsReader each) {
    requireFitting(tokens);
    float[] several = new float[HEAD_BLOCK * config.vocab()];
    float[] rows = new float[HEAD_BLOCK * config.hidden()];
    for (int from = 0; from < tokens.length; from += PREFILL_BLOCK) {
      int count = Math.min(PREFILL_BLOCK, tokens.length - from);
      forward(tokens, from, count, cancellation);
      network.finalNorm().apply(normed, x, count);
      hidden.read("hidden.final_norm", normed, count);
      for (int t = 0; t < count; t += HEAD_BLOCK) {
        cancellation.check();
        int together = Math.min(HEAD_BLOCK, count - t);
        System.arraycopy(normed, t * config.hidden(), rows, 0, together * config.hidden());
        network.head().apply(several, rows, together);
        for (int i = 0; i < together; i++) {
          System.arraycopy(several, i * config.vocab(), logits, 0, config.vocab());
          each.read(from + t + i, logits);
        }
      }
    }
  }

  private void requireFitting(int[] tokens) {
    if (tokens.length == 0 || tokens.length > config.context() - position) {
      throw new IllegalArgumentException(
          tokens.length + " tokens after " + position + " of " + config.context());
    }
    for (int token : tokens) {
      if (token < 0 || token >= config.vocab()) {
        throw new IllegalArgumentException("token " + token + " of " + config.vocab());
      }
    }
  }

  /// Takes one block of tokens through all layers; leaves the residual stream in `x`.
  private void forward(int[] tokens, int from, int count, Cancellation cancellation) {
    cancellation.check();
    reserve(count);
    cache.reserve(position + count);
    Arrays.fill(x, 0, count * config.hidden(), 0);
    for (int t = 0; t < count; t++) {
      network.embed(x, t * config.hidden(), tokens[from + t], position + t);
    }
    hidden.read("hidden.embed", x, count);
    for (int layer = 0; layer < config.layers(); layer++) {
      cancellation.check();
      attend(network.blocks().get(layer), layer, count);
      think(network.blocks().get(layer), count);
      hidden.read("hidden.layer." + layer, x, count);
    }
    position += count;
  }

  /// `x += projection(attention(norm1(x)))`
  private void attend(Gpt2Network.Block block, int layer, int count) {
    int width = config.hidden();
    block.norm1().apply(normed, x, count);
    block.attention().apply(queriesKeysValues, normed, count);
    for (int t = 0; t < count; t++) {
      int keyAt = t * 3 * width + width;
      cache.put(layer, position + t, queriesKeysValues, keyAt, queriesKeysValues, keyAt + width);
    }
    network
        .attention()
        .apply(
            attended, queriesKeysValues, 3 * width, count, cache, layer, position, block.scale());
    block.projection().apply(normed, attended, count);
    addToStream(normed, count);
  }

  /// `x += down(activation(up(norm2(x))))`
  private void think(Gpt2Network.Block block, int count) {
    block.norm2().apply(normed, x, count);
    block.up().apply(inner, normed, count);
    network.activation().apply(inner, 0, count * config.inner());
    block.down().apply(normed, inner, count);
    addToStream(normed, count);
  }

  private void addToStream(float[] change, int count) {
    for (int i = 0; i < count * config.hidden(); i++) {
      x[i] += change[i];
    }
  }

  private void reserve(int tokens) {
    if (tokens > room) {
      x = new float[tokens * config.hidden()];
      normed = new float[tokens * config.hidden()];
      queriesKeysValues = new float[tokens * 3 * config.hidden()];
      attended = new float[tokens * config.hidden()];
      inner = new float[tokens * config.inner()];
      room = tokens;
    }
  }

  KvCache cache() {
    return cache;
  }

  @Override
  public void close() {
    cache.close();
  }
}
