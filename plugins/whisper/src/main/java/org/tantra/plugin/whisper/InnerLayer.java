package org.tantra.plugin.whisper;

import org.tantra.api.Compute;
import org.tantra.nn.Activation;
import org.tantra.nn.LayerNorm;
import org.tantra.nn.Linear;

/// The MLP of a block: `x += down(gelu(up(norm(x))))`.
record InnerLayer(LayerNorm norm, Linear up, Linear down) {
  /// Tokens at a time, so that the wide part stays small.
  private static final int BLOCK = 256;

  static InnerLayer of(WhisperWeights.Block weights, Compute compute) {
    return new InnerLayer(
        AttentionLayer.norm(weights.norm()),
        AttentionLayer.map(weights.up(), compute),
        AttentionLayer.map(weights.down(), compute));
  }

  /// @param x `[tokens, hidden]`, changed
  void addTo(float[] x, int tokens) {
    int hidden = up.in();
    int block = Math.min(BLOCK, tokens);
    float[] normed = new float[block * hidden];
    float[] inner = new float[block * up.out()];
    for (int from = 0; from < tokens; from += block) {
      int count = Math.min(block, tokens - from);
      System.arraycopy(x, from * hidden, normed, 0, count * hidden);
      norm.apply(normed, normed, count);
      up.apply(inner, normed, count);
      Activation.GELU_ERF.apply(inner, 0, count * up.out());
      down.apply(normed, inner, count);
      for (int i = 0; i < count * hidden; i++) {
        x[from * hidden + i] += normed[i];
      }
    }
  }

  long ownBytes() {
    return norm.ownBytes() + up.ownBytes() + down.ownBytes();
  }
}
