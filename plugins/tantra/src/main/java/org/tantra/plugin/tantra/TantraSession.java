package org.tantra.plugin.tantra;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.nn.KvCache;
import org.tantra.nn.Workspace;
import org.tantra.nn.text.Session;

/// One row of tokens, computed anew with each that is added.
final class TantraSession implements Session {
  private final TantraNetwork network;
  private final float @Nullable [] image;
  private final KvCache cache;
  private final Workspace work = new Workspace();
  private final float[] logits;
  private int[] row = {};

  TantraSession(TantraNetwork network, float @Nullable [] image) {
    TantraConfig config = network.config();
    this.network = network;
    this.image = image;
    this.cache = new KvCache(1, config.heads(), config.headDim(), config.context());
    this.logits = new float[config.vocab()];
  }

  @Override
  public int position() {
    return row.length;
  }

  @Override
  public float[] append(int[] tokens, Cancellation cancellation) {
    if (tokens.length == 0 || tokens.length > network.contextTokens() - row.length) {
      throw new IllegalArgumentException(
          tokens.length + " tokens after " + row.length + " of " + network.contextTokens());
    }
    int before = row.length;
    row = Arrays.copyOf(row, before + tokens.length);
    System.arraycopy(tokens, 0, row, before, tokens.length);
    int hidden = network.config().hidden();
    float[] x =
        network.forward(
            row, row.length, image, cache, work, cancellation, TantraNetwork.Trace.NONE);
    float[] last = Arrays.copyOfRange(x, (row.length - 1) * hidden, row.length * hidden);
    network.head(logits, last, 1);
    return logits;
  }

  @Override
  public void close() {
    cache.close();
  }
}
