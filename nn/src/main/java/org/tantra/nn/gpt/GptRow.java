package org.tantra.nn.gpt;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.nn.KvCache;
import org.tantra.nn.Trace;
import org.tantra.nn.text.BlockSession;

/// One row of tokens going through a [GptNetwork]: its KV cache and what a relative of GPT-2 counts
/// about it.
public final class GptRow implements BlockSession.Row {
  private final GptNetwork network;
  private final KvCache cache;
  private final Projector projector;
  private final Trace trace;

  /// Of a prompt; its buffers are large.
  private @Nullable GptPass pass;

  /// @param trace sees the residual stream
  public GptRow(GptNetwork network, Projector projector, Trace trace) {
    this.network = network;
    this.projector = projector;
    this.trace = trace;
    GptConfig config = network.config();
    this.cache = new KvCache(config.layers(), config.heads(), config.headDim(), config.context());
  }

  /// @return the residual stream
  @Override
  public float[] forward(
      int[] tokens, int from, int count, int position, Cancellation cancellation) {
    cache.reserve(position + count);
    return pass().block(this, tokens, from, count, position, cancellation);
  }

  /// The prompt is over then.
  @Override
  public void reserve(int tokens) {
    cache.reserve(tokens);
    pass = null;
  }

  @Override
  public int width() {
    return network.config().hidden();
  }

  @Override
  public void head(float[] logits, float[] states, int count) {
    pass().head(logits, states, count);
  }

  private GptPass pass() {
    GptPass own = pass;
    if (own == null) {
      own = new GptPass(network, trace);
      pass = own;
    }
    return own;
  }

  /// Keys and values so far; for parity checks.
  public KvCache cache() {
    return cache;
  }

  Projector projector() {
    return projector;
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
