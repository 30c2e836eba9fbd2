package org.tantra.plugin.spikingbrain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.nn.Activation;
import org.tantra.nn.SlidingWindow;
import org.tantra.nn.Trace;
import org.tantra.nn.Workspace;
import org.tantra.nn.spike.SymmetricRounding;
import org.tantra.nn.text.BlockSession;

/// One row of tokens going through a [GlaSwaNetwork]: a matrix per head of the layers with linear
/// attention, keys and values of one window for the others. Beyond the window its memory is
/// constant.
final class GlaSwaRow implements BlockSession.Row {
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
  private final @Nullable SpikeCoder coder;
  private final Workspace work = new Workspace();
  private final SlidingWindow window;

  /// One state for each layer; empty where the layer has a window.
  private final List<float[]> states = new ArrayList<>();

  /// Which layer of the window a layer of the network has.
  private final int[] windowLayers;

  /// @param trace sees the residual stream, `key.N` and `value.N` as they enter the window but not
  ///   rounded, and spike counts
  GlaSwaRow(GlaSwaNetwork network, Trace trace) {
    this.network = network;
    this.config = network.config();
    this.trace = trace;
    this.coder = network.spiking() ? new SpikeCoder(config.spikeK(), config.layers(), trace) : null;
    this.windowLayers = new int[config.layers()];
    int windows = 0;
    for (int layer = 0; layer < config.layers(); layer++) {
      boolean windowed = config.windowed().contains(layer);
      windowLayers[layer] = windowed ? windows++ : -1;
      states.add(windowed ? new float[0] : network.linearAttention().newState());
    }
    this.window =
        new SlidingWindow(windows, config.kvHeads(), config.headDim(), config.windowKeys());
  }

  /// @return the residual stream
  @Override
  public float[] forward(
      int[] tokens, int from, int count, int position, Cancellation cancellation) {
    cancellation.check();
    int hidden = config.hidden();
    float[] x = work.floats(X, count * hidden);
    Arrays.fill(x, 0, count * hidden, 0);
    for (int t = 0; t < count; t++) {
      network.embedding().addTo(x, t * hidden, tokens[from + t]);
    }
    float[] turns = work.floats(TURNS, count * config.headDim());
    for (int t = 0; t < count; t++) {
      network.rotary().turns(turns, t * config.headDim(), position + t);
    }
    if (coder != null) {
      coder.addTokens(count);
    }
    trace.see("hidden.embed", x, count * hidden);
    for (int index = 0; index < config.layers(); index++) {
      cancellation.check();
      GlaSwaNetwork.Layer layer = network.layers().get(index);
      mix(layer, index, x, position, count);
      think(layer, index, x, count);
      trace.see("hidden.layer." + index, x, count * hidden);
    }
    return x;
  }

  @Override
  public int width() {
    return config.hidden();
  }

  @Override
  public void head(float[] logits, float[] x, int count) {
    network.finalNorm().apply(x, x, count);
    trace.see("hidden.final_norm", x, count * config.hidden());
    network.head().apply(logits, x, count);
  }

  /// `x += output(attention(norm(x)))`
  private void mix(GlaSwaNetwork.Layer layer, int index, float[] x, int position, int count) {
    int hidden = config.hidden();
    float[] normed = work.floats(NORMED, count * hidden);
    float[] queries = work.floats(QUERIES, count * hidden);
    float[] keys = work.floats(KEYS, count * config.kvWidth());
    float[] values = work.floats(VALUES, count * config.kvWidth());
    float[] attended = work.floats(ATTENDED, count * hidden);
    layer.mixerNorm().apply(normed, x, count);
    code(normed, count, hidden, index, "q_proj");
    layer.queries().apply(queries, normed, count);
    layer.keys().apply(keys, normed, count);
    layer.values().apply(values, normed, count);
    if (layer.gates() != null) {
      float[] decay = decay(layer.gates(), normed, count);
      Activation.RELU.apply(queries, 0, count * hidden);
      Activation.RELU.apply(keys, 0, count * config.kvWidth());
      network
          .linearAttention()
          .apply(attended, queries, keys, values, decay, count, states.get(index));
      layer.gates().norm().apply(attended, attended, count * config.heads());
    } else {
      slide(index, queries, keys, values, attended, position, count);
    }
    code(attended, count, hidden, index, "o_proj");
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

  /// Sliding-window attention, token by token, so that the window never holds more than one query
  /// sees.
  private void slide(
      int index,
      float[] queries,
      float[] keys,
      float[] values,
      float[] attended,
      int position,
      int count) {
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
    if (coder != null) {
      coder.apply(queries, 0, count * config.heads(), headDim, index, "query");
      SymmetricRounding.apply(keys, 0, count * config.kvHeads(), headDim);
      SymmetricRounding.apply(values, 0, count * config.kvHeads(), headDim);
    }
    float[] query = work.floats(QUERY, hidden);
    float[] answer = work.floats(ANSWER, hidden);
    for (int t = 0; t < count; t++) {
      remember(index, position + t, keys, values, t * kv);
      System.arraycopy(queries, t * hidden, query, 0, hidden);
      window.attend(
          network.attention(), answer, query, windowLayers[index], position + t, config.scale());
      System.arraycopy(answer, 0, attended, t * hidden, hidden);
    }
  }

  /// Puts one token's keys and values into the window of a layer.
  void remember(int layer, int position, float[] keys, float[] values, int at) {
    window.put(windowLayers[layer], position, keys, at, values, at);
  }

  /// `x += down(silu(gate(norm(x))) · up(norm(x)))`
  private void think(GlaSwaNetwork.Layer layer, int index, float[] x, int count) {
    int hidden = config.hidden();
    int length = count * config.inner();
    float[] normed = work.floats(NORMED, count * hidden);
    float[] gate = work.floats(GATE, length);
    float[] up = work.floats(UP, length);
    layer.mlpNorm().apply(normed, x, count);
    code(normed, count, hidden, index, "gate_proj");
    layer.gate().apply(gate, normed, count);
    layer.up().apply(up, normed, count);
    Activation.SILU.apply(gate, 0, length);
    for (int i = 0; i < length; i++) {
      gate[i] *= up[i];
    }
    layer.down().apply(normed, gate, count);
    add(x, normed, count * hidden);
  }

  private void code(float[] x, int rows, int width, int layer, String place) {
    if (coder != null) {
      coder.apply(x, 0, rows, width, layer, place);
    }
  }

  private static void add(float[] x, float[] change, int length) {
    for (int i = 0; i < length; i++) {
      x[i] += change[i];
    }
  }

  /// The state of a layer with linear attention, `[kvHeads, headDim, headDim]`.
  float[] state(int layer) {
    return states.get(layer);
  }

  /// Bytes this row takes.
  long bytes() {
    long matrices = states.stream().mapToLong(state -> state.length * 4L).sum();
    return matrices + window.bytes() + work.bytes();
  }

  @Override
  public Map<String, Double> measures() {
    return coder == null ? Map.of() : coder.measures();
  }

  @Override
  public void close() {
    window.close();
  }
}
