package org.tantra.plugin.whisper;

import org.tantra.api.Compute;
import org.tantra.nn.Attention;
import org.tantra.nn.KvCache;

/// Keys and values as they were computed, 4 bytes each: for checkpoints of F32 weights.
final class ExactCrossCache implements CrossCache {
  private final KvCache cache;
  private final Attention attention;
  private final int positions;
  private final int hidden;
  private final float scale;

  ExactCrossCache(WhisperConfig config, Compute compute) {
    this.positions = config.audioPositions();
    this.hidden = config.hidden();
    int headDim = hidden / config.textHeads();
    this.scale = (float) (1 / Math.sqrt(headDim));
    this.attention = new Attention(config.textHeads(), config.textHeads(), headDim, compute);
    this.cache = new KvCache(config.textLayers(), config.textHeads(), headDim, positions);
    cache.reserve(positions);
  }

  /// What one takes.
  static long bytes(WhisperConfig config) {
    return 2L * config.textLayers() * config.audioPositions() * config.hidden() * Float.BYTES;
  }

  @Override
  public void put(int layer, float[] keys, float[] values) {
    for (int t = 0; t < positions; t++) {
      cache.put(layer, t, keys, t * hidden, values, t * hidden);
    }
  }

  @Override
  public void attend(float[] out, float[] queries, int tokens, int layer) {
    attention.applyToAll(out, queries, hidden, tokens, cache, layer, positions, scale);
  }

  @Override
  public float[] scores(float[] queries, int tokens, int layer, int head) {
    float[] scores = new float[tokens * positions];
    attention.scores(scores, queries, hidden, tokens, cache, layer, head, positions, scale);
    return scores;
  }

  @Override
  public long bytes() {
    return cache.bytes();
  }

  @Override
  public void close() {
    cache.close();
  }
}
