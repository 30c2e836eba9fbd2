package org.tantra.nn.gpt;

import java.util.Arrays;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.nn.KvCache;
import org.tantra.nn.Linear;
import org.tantra.nn.Trace;
import org.tantra.nn.gpt.Projector.Place;
import org.tantra.nn.text.RowTokens;

/// The way of tokens through a [GptNetwork], several of one row or one of each of several rows, and
/// the buffers for it. Used by one thread at a time.
final class GptPass {
  private final GptNetwork network;
  private final GptConfig config;
  private final Trace trace;

  /// Tokens that the buffers below have room for.
  private int room;

  private float[] x = {};
  private float[] normed = {};
  private float[] queriesKeysValues = {};
  private float[] attended = {};
  private float[] inner = {};

  /// @param trace sees the residual stream
  GptPass(GptNetwork network, Trace trace) {
    this.network = network;
    this.config = network.config();
    this.trace = trace;
  }

  /// Takes tokens of one row through all layers.
  ///
  /// @return the residual stream, `[count, hidden]`, valid until the next call
  float[] block(
      GptRow row, int[] tokens, int from, int count, int position, Cancellation cancellation) {
    int[] ids = Arrays.copyOfRange(tokens, from, from + count);
    return forward(new RowTokens<>(List.of(row), count, new int[] {position}), ids, cancellation);
  }

  /// As [org.tantra.nn.text.JointSteps.Network#step].
  void step(List<GptRow> rows, int[] tokens, int[] positions, float[] logits) {
    float[] states = forward(new RowTokens<>(rows, 1, positions), tokens, Cancellation.NEVER);
    head(logits, states, rows.size());
  }

  /// Computes logits, `[count, vocab]`; changes `states`.
  void head(float[] logits, float[] states, int count) {
    network.finalNorm().apply(states, states, count);
    trace.see("hidden.final_norm", states, count * config.hidden());
    network.head().apply(logits, states, count);
  }

  private float[] forward(RowTokens<GptRow> tokens, int[] ids, Cancellation cancellation) {
    cancellation.check();
    int count = tokens.count();
    reserve(count);
    Arrays.fill(x, 0, count * config.hidden(), 0);
    for (int t = 0; t < count; t++) {
      int position = tokens.position(t);
      network.embed(x, t * config.hidden(), ids[t], position);
    }
    trace.see("hidden.embed", x, count * config.hidden());
    for (int layer = 0; layer < config.layers(); layer++) {
      cancellation.check();
      attend(network.blocks().get(layer), layer, tokens);
      think(network.blocks().get(layer), layer, tokens);
      trace.see("hidden.layer." + layer, x, count * config.hidden());
    }
    return x;
  }

  /// `x += projection(attention(norm1(x)))`
  private void attend(GptNetwork.Block block, int layer, RowTokens<GptRow> tokens) {
    int width = config.hidden();
    int count = tokens.count();
    block.norm1().apply(normed, x, count);
    project(block.attention(), layer, Place.ATTENTION, queriesKeysValues, normed, tokens);
    for (int t = 0; t < count; t++) {
      int keyAt = t * 3 * width + width;
      KvCache cache = tokens.row(t).cache();
      cache.put(
          layer, tokens.position(t), queriesKeysValues, keyAt, queriesKeysValues, keyAt + width);
    }
    if (tokens.rows().size() == 1) {
      KvCache cache = tokens.rows().getFirst().cache();
      int start = tokens.position(0);
      network
          .attention()
          .apply(attended, queriesKeysValues, 3 * width, count, cache, layer, start, block.scale());
    } else {
      List<KvCache> caches = tokens.rows().stream().map(GptRow::cache).toList();
      network
          .attention()
          .applyEach(
              attended,
              queriesKeysValues,
              3 * width,
              caches,
              layer,
              tokens.positions(0),
              block.scale());
    }
    project(block.projection(), layer, Place.ATTENDED, normed, attended, tokens);
    addToStream(normed, count);
  }

  /// `x += down(activation(up(norm2(x))))`
  private void think(GptNetwork.Block block, int layer, RowTokens<GptRow> tokens) {
    int count = tokens.count();
    block.norm2().apply(normed, x, count);
    project(block.up(), layer, Place.UP, inner, normed, tokens);
    network.activation().apply(inner, 0, count * config.inner());
    project(block.down(), layer, Place.DOWN, normed, inner, tokens);
    addToStream(normed, count);
  }

  private void project(
      Linear map, int layer, Place place, float[] y, float[] from, RowTokens<GptRow> tokens) {
    boolean sparse = false;
    for (int row = 0; row < tokens.rows().size(); row++) {
      Projector projector = tokens.rows().get(row).projector();
      int at = row * tokens.each() * map.in();
      sparse |= projector.prepare(from, at, tokens.each(), map.in(), layer, place);
    }
    if (sparse) {
      map.applySparse(y, from, tokens.count());
    } else {
      map.apply(y, from, tokens.count());
    }
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
}
