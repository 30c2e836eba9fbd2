package org.tantra.plugin.spikingbrain;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.nn.SlidingWindow;
import org.tantra.nn.Trace;
import org.tantra.nn.text.BlockSession;
import org.tantra.nn.text.RowTokens;

/// One row of tokens going through a [GlaSwaNetwork]: a matrix per head of the layers with linear
/// attention, keys and values of one window for the others. Beyond the window its memory is
/// constant.
final class GlaSwaRow implements BlockSession.Row {
  private final GlaSwaNetwork network;
  private final Trace trace;
  private final @Nullable SpikeCoder coder;
  private final SlidingWindow window;

  /// One state for each layer; empty where the layer has a window.
  private final List<float[]> states;

  /// Of a prompt; its buffers are large.
  private @Nullable GlaSwaPass pass;

  /// @param trace sees what a [GlaSwaPass] shows, and spike counts
  GlaSwaRow(GlaSwaNetwork network, Trace trace) {
    GlaSwaConfig config = network.config();
    this.network = network;
    this.trace = trace;
    this.coder = network.spiking() ? new SpikeCoder(config.spikeK(), config.layers(), trace) : null;
    this.states =
        IntStream.range(0, config.layers())
            .mapToObj(
                layer ->
                    config.windowed().contains(layer)
                        ? new float[0]
                        : network.linearAttention().newState())
            .toList();
    this.window =
        new SlidingWindow(
            config.windowed().size(), config.kvHeads(), config.headDim(), config.windowKeys());
  }

  /// @return the residual stream
  @Override
  public float[] forward(
      int[] tokens, int from, int count, int position, Cancellation cancellation) {
    RowTokens<GlaSwaRow> own = new RowTokens<>(List.of(this), count, new int[] {position});
    return pass().forward(own, tokens, from, cancellation);
  }

  /// The prompt is over then.
  @Override
  public void reserve(int tokens) {
    window.reserve(tokens);
    pass = null;
  }

  @Override
  public int width() {
    return network.config().hidden();
  }

  @Override
  public void head(float[] logits, float[] x, int count) {
    pass().head(logits, x, count);
  }

  private GlaSwaPass pass() {
    GlaSwaPass own = pass;
    if (own == null) {
      own = new GlaSwaPass(network, trace);
      pass = own;
    }
    return own;
  }

  void countTokens(int count) {
    if (coder != null) {
      coder.addTokens(count);
    }
  }

  /// As [SpikeCoder#apply]; nothing if activations are not coded.
  void code(float[] x, int at, int rows, int width, int layer, String place) {
    if (coder != null) {
      coder.apply(x, at, rows, width, layer, place);
    }
  }

  /// Puts one token's keys and values into the window of a layer.
  void remember(int layer, int position, float[] keys, float[] values, int at) {
    window.put(network.windowLayer(layer), position, keys, at, values, at);
  }

  SlidingWindow window() {
    return window;
  }

  /// The state of a layer with linear attention, `[kvHeads, headDim, headDim]`.
  float[] state(int layer) {
    return states.get(layer);
  }

  /// Bytes this row takes.
  long bytes() {
    long matrices = states.stream().mapToLong(state -> state.length * 4L).sum();
    return matrices + window.bytes() + (pass == null ? 0 : pass.bytes());
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
