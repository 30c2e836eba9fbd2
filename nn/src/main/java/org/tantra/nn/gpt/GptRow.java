package org.tantra.nn.gpt;

import java.util.Arrays;
import java.util.Map;
import org.tantra.api.Cancellation;
import org.tantra.nn.KvCache;
import org.tantra.nn.Trace;
import org.tantra.nn.gpt.Projector.Place;
import org.tantra.nn.text.BlockSession;

/// One row of tokens going through a [GptNetwork]: the KV cache and the buffers of a step.
public final class GptRow implements BlockSession.Row {
  private final GptNetwork network;
  private final GptConfig config;
  private final KvCache cache;
  private final Projector projector;
  private final Trace trace;

  /// Tokens that the buffers below have room for.
  private int room;

  private float[] x = {};
  private float[] normed = {};
  private float[] queriesKeysValues = {};
  private float[] attended = {};
  private float[] inner = {};

  /// @param trace sees the residual stream
  public GptRow(GptNetwork network, Projector projector, Trace trace) {
    this.network = network;
    this.config = network.config();
    this.projector = projector;
    this.trace = trace;
    this.cache = new KvCache(config.layers(), config.heads(), config.headDim(), config.context());
  }

  /// @return the residual stream
  @Override
  public float[] forward(
      int[] tokens, int from, int count, int position, Cancellation cancellation) {
    cancellation.check();
    reserve(count);
    cache.reserve(position + count);
    Arrays.fill(x, 0, count * config.hidden(), 0);
    for (int t = 0; t < count; t++) {
      network.embed(x, t * config.hidden(), tokens[from + t], position + t);
    }
    trace.see("hidden.embed", x, count * config.hidden());
    for (int layer = 0; layer < config.layers(); layer++) {
      cancellation.check();
      attend(network.blocks().get(layer), layer, position, count);
      think(network.blocks().get(layer), layer, count);
      trace.see("hidden.layer." + layer, x, count * config.hidden());
    }
    return x;
  }

  @Override
  public int width() {
    return config.hidden();
  }

  @Override
  public void head(float[] logits, float[] states, int count) {
    network.finalNorm().apply(states, states, count);
    trace.see("hidden.final_norm", states, count * config.hidden());
    network.head().apply(logits, states, count);
  }

  /// `x += projection(attention(norm1(x)))`
  private void attend(GptNetwork.Block block, int layer, int position, int count) {
    int width = config.hidden();
    block.norm1().apply(normed, x, count);
    projector.apply(block.attention(), layer, Place.ATTENTION, queriesKeysValues, normed, count);
    for (int t = 0; t < count; t++) {
      int keyAt = t * 3 * width + width;
      cache.put(layer, position + t, queriesKeysValues, keyAt, queriesKeysValues, keyAt + width);
    }
    network
        .attention()
        .apply(
            attended, queriesKeysValues, 3 * width, count, cache, layer, position, block.scale());
    projector.apply(block.projection(), layer, Place.ATTENDED, normed, attended, count);
    addToStream(normed, count);
  }

  /// `x += down(activation(up(norm2(x))))`
  private void think(GptNetwork.Block block, int layer, int count) {
    block.norm2().apply(normed, x, count);
    projector.apply(block.up(), layer, Place.UP, inner, normed, count);
    network.activation().apply(inner, 0, count * config.inner());
    projector.apply(block.down(), layer, Place.DOWN, normed, inner, count);
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

  /// Keys and values so far; for parity checks.
  public KvCache cache() {
    return cache;
  }

  @Override
  public Map<String, Double> measures() {
    return projector.measures();
  }

  @Override
  public void close() {
    cache.close();
  }
}
