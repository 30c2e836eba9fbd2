package org.tantra.nn;

/// Keys and values of the last tokens of a row, per layer: a [KvCache] that begins again at its
/// start when it is full, so that its memory stops growing there.
///
/// Attention does not depend on the order of keys that carry their position in themselves (rotary
/// embedding), so they need not be moved.
public final class SlidingWindow implements AutoCloseable {
  private final KvCache cache;
  private final int keys;

  /// @param heads heads of keys and values
  /// @param keys how many keys a query sees, its own token's included
  public SlidingWindow(int layers, int heads, int headDim, int keys) {
    this.cache = new KvCache(layers, heads, headDim, keys);
    this.keys = keys;
  }

  /// Stores keys and values of one token in the place of the one that leaves the window. Tokens
  /// come one by one: a query is answered before the next token is put.
  ///
  /// @param key `[heads, headDim]` from `keyAt` on
  /// @param value `[heads, headDim]` from `valueAt` on
  public void put(int layer, int position, float[] key, int keyAt, float[] value, int valueAt) {
    cache.reserve(visible(position));
    cache.put(layer, position % keys, key, keyAt, value, valueAt);
  }

  /// Attends from the token that was put last.
  ///
  /// @param out `[heads · headDim]` of the queries, overwritten
  /// @param query as `out`
  /// @param scale see [Attention#apply]
  public void attend(
      Attention attention, float[] out, float[] query, int layer, int position, float scale) {
    attention.applyToAll(out, query, 0, 1, cache, layer, visible(position), scale);
  }

  private int visible(int position) {
    return Math.min(position, keys - 1) + 1;
  }

  /// Bytes taken now.
  public long bytes() {
    return cache.bytes();
  }

  /// Gives the memory back. Calling it again does nothing.
  @Override
  public void close() {
    cache.close();
  }
}
