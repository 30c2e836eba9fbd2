package org.tantra.plugin.spikingbrain;

import java.util.Arrays;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.nn.Activation;
import org.tantra.nn.SlidingWindow;
import org.tantra.nn.Trace;
import org.tantra.nn.Workspace;
import org.tantra.nn.spike.SymmetricRounding;
import org.tantra.nn.text.RowTokens;

/// The way of tokens through a [GlaSwaNetwork], several of one row or one of each of several rows,
/// and the buffers for it. Used by one thread at a time.
final class GlaSwaPass {
  // Slots of the workspace.
  private static final int X = 0;
  private static final int NORMED = 1;
  private static final int QUERIES = 2;
  private static final int KEYS = 3;
  private static final int VALUES = 4;
  private static final int DECAY = 5;
  private static final int NARROW = 6;
  private static final int ATTENDED = 7;
  private static final int GATE = 8;
  private static final int UP = 9;
  private static final int TURNS = 10;
  private static final int QUERY = 11;
  private static final int ANSWER = 12;

  private final GlaSwaNetwork network;
  private final GlaSwaConfig config;
  private final Trace trace;
  private final Workspace work = new Workspace();

  /// @param trace sees the residual stream, and `key.N` and `value.N` as they enter the window but
  ///   not rounded
  GlaSwaPass(GlaSwaNetwork network, Trace trace) {
    this.network = network;
    this.config = network.config();
    this.trace = trace;
  }

  /// As [org.tantra.nn.text.JointSteps.Network#step].
  void step(List<GlaSwaRow> rows, int[] tokens, int[] positions, float[] logits) {
    float[] x = forward(new RowTokens<>(rows, 1, positions), tokens, 0, Cancellation.NEVER);
    head(logits, x, rows.size());
  }

  /// Takes tokens through all layers.
  ///
  /// @param ids of the tokens, from `from` on
  /// @return the residual stream, `[count, hidden]`, valid until the next call
  float[] forward(RowTokens<GlaSwaRow> tokens, int[] ids, int from, Cancellation cancellation) {
    cancellation.check();
    int count = tokens.count();
    int hidden = config.hidden();
    float[] x = work.floats(X, count * hidden);
    Arrays.fill(x, 0, count * hidden, 0);
    float[] turns = work.floats(TURNS, count * config.headDim());
    for (int t = 0; t < count; t++) {
      network.embedding().addTo(x, t * hidden, ids[from + t]);
      network.rotary().turns(turns, t * config.headDim(), tokens.position(t));
    }
    tokens.rows().forEach(row -> row.countTokens(tokens.each()));
    trace.see("hidden.embed", x, count * hidden);
    for (int index = 0; index < config.layers(); index++) {
      cancellation.check();
      GlaSwaNetwork.Layer layer = network.layers().get(index);
      mix(layer, index, x, tokens);
      think(layer, index, x, tokens);
      trace.see("hidden.layer." + index, x, count * hidden);
    }
    return x;
  }

  /// Computes logits, `[count, vocab]`; changes `x`.
  void head(float[] logits, float[] x, int count) {
    network.finalNorm().apply(x, x, count);
    trace.see("hidden.final_norm", x, count * config.hidden());
    network.head().apply(logits, x, count);
  }

  /// `x += output(attention(norm(x)))`
  private void mix(GlaSwaNetwork.Layer layer, int index, float[] x, RowTokens<GlaSwaRow> tokens) {
    int count = tokens.count();
    int hidden = config.hidden();
    float[] normed = work.floats(NORMED, count * hidden);
    float[] queries = work.floats(QUERIES, count * hidden);
    float[] keys = work.floats(KEYS, count * config.kvWidth());
    float[] values = work.floats(VALUES, count * config.kvWidth());
    float[] attended = work.floats(ATTENDED, count * hidden);
    layer.mixerNorm().apply(normed, x, count);
    code(normed, 1, tokens, index, "q_proj");
    layer.queries().apply(queries, normed, count);
    layer.keys().apply(keys, normed, count);
    layer.values().apply(values, normed, count);
    if (layer.gates() != null) {
      float[] decay = decay(layer.gates(), normed, count);
      Activation.RELU.apply(queries, 0, count * hidden);
      Activation.RELU.apply(keys, 0, count * config.kvWidth());
      List<float[]> states = tokens.rows().stream().map(row -> row.state(index)).toList();
      network
          .linearAttention()
          .apply(attended, queries, keys, values, decay, tokens.each(), states);
      layer.gates().norm().apply(attended, attended, count * config.heads());
    } else {
      slide(index, queries, keys, values, attended, tokens);
    }
    code(attended, 1, tokens, index, "o_proj");
    layer.output().apply(normed, attended, count);
    add(x, normed, count * hidden);
  }

  /// How much of the state stays: `sigmoid(gate(x))^(1 / normalizer)`, by way of logarithms.
  private float[] decay(GlaSwaNetwork.Gates gates, float[] normed, int count) {
    int length = count * config.kvWidth();
    float[] decay = work.floats(DECAY, length);
    if (gates.maps().size() == 2) {
      float[] narrow = work.floats(NARROW, count * config.gateRank());
      gates.maps().getFirst().apply(narrow, normed, count);
      gates.maps().getLast().apply(decay, narrow, count);
    } else {
      gates.maps().getFirst().apply(decay, normed, count);
    }
    for (int i = 0; i < length; i++) {
      double z = decay[i];
      double logSigmoid = Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z)));
      decay[i] = (float) Math.exp(logSigmoid / config.gateNormalizer());
    }
    return decay;
  }

  /// Sliding-window attention, one token of each row at a time, so that a window never holds more
  /// than one query sees.
  private void slide(
      int index,
      float[] queries,
      float[] keys,
      float[] values,
      float[] attended,
      RowTokens<GlaSwaRow> tokens) {
    int count = tokens.count();
    int each = tokens.each();
    int rows = tokens.rows().size();
    int hidden = config.hidden();
    int kv = config.kvWidth();
    int headDim = config.headDim();
    float[] turns = work.floats(TURNS, count * headDim);
    for (int t = 0; t < count; t++) {
      network.rotary().apply(queries, t * hidden, config.heads(), turns, t * headDim);
      network.rotary().apply(keys, t * kv, config.kvHeads(), turns, t * headDim);
    }
    trace.see("key." + index, keys, count * kv);
    trace.see("value." + index, values, count * kv);
    if (network.spiking()) {
      code(queries, config.heads(), tokens, index, "query");
      SymmetricRounding.apply(keys, 0, count * config.kvHeads(), headDim);
      SymmetricRounding.apply(values, 0, count * config.kvHeads(), headDim);
    }
    List<SlidingWindow> windows = tokens.rows().stream().map(GlaSwaRow::window).toList();
    float[] query = work.floats(QUERY, rows * hidden);
    float[] answer = work.floats(ANSWER, rows * hidden);
    for (int place = 0; place < each; place++) {
      for (int row = 0; row < rows; row++) {
        int t = row * each + place;
        tokens.row(t).remember(index, tokens.position(t), keys, values, t * kv);
        System.arraycopy(queries, t * hidden, query, row * hidden, hidden);
      }
      SlidingWindow.attend(
          network.attention(),
          answer,
          query,
          hidden,
          windows,
          network.windowLayer(index),
          tokens.positions(place),
          config.scale());
      for (int row = 0; row < rows; row++) {
        System.arraycopy(answer, row * hidden, attended, (row * each + place) * hidden, hidden);
      }
    }
  }

  /// `x += down(silu(gate(norm(x))) · up(norm(x)))`
  private void think(GlaSwaNetwork.Layer layer, int index, float[] x, RowTokens<GlaSwaRow> tokens) {
    int count = tokens.count();
    int length = count * config.inner();
    float[] normed = work.floats(NORMED, count * config.hidden());
    float[] gate = work.floats(GATE, length);
    float[] up = work.floats(UP, length);
    layer.mlpNorm().apply(normed, x, count);
    code(normed, 1, tokens, index, "gate_proj");
    layer.gate().apply(gate, normed, count);
    layer.up().apply(up, normed, count);
    Activation.SILU.apply(gate, 0, length);
    for (int i = 0; i < length; i++) {
      gate[i] *= up[i];
    }
    layer.down().apply(normed, gate, count);
    add(x, normed, count * config.hidden());
  }

  /// Codes `hidden` values of each token by the row that it belongs to.
  ///
  /// @param parts of a token, with a threshold each
  private void code(float[] x, int parts, RowTokens<GlaSwaRow> tokens, int layer, String place) {
    int width = config.hidden() / parts;
    for (int row = 0; row < tokens.rows().size(); row++) {
      int at = row * tokens.each() * config.hidden();
      tokens.rows().get(row).code(x, at, tokens.each() * parts, width, layer, place);
    }
  }

  private static void add(float[] x, float[] change, int length) {
    for (int i = 0; i < length; i++) {
      x[i] += change[i];
    }
  }

  /// Bytes of the buffers.
  long bytes() {
    return work.bytes();
  }
}
