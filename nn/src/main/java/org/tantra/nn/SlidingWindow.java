package org.tantra.nn;

import java.util.Arrays;
import java.util.List;

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

  /// Makes room for the keys and values of a row of so many tokens, as far as a query sees them.
  public void reserve(int tokens) {
    cache.reserve(Math.min(tokens, keys));
  }

  /// Stores keys and values of one token in the place of the one that leaves the window. Tokens
  /// come one by one: a query is answered before the next token is put.
  ///
  /// @param key `[heads, headDim]` from `keyAt` on
  /// @param value `[heads, headDim]` from `valueAt` on
  public void put(int layer, int position, float[] key, int keyAt, float[] value, int valueAt) {
    reserve(position + 1);
    cache.put(layer, position % keys, key, keyAt, value, valueAt);
  }

  /// Attends from the token of each of several rows that was put last.
  ///
  /// @param out `[rows, heads · headDim]`, overwritten
  /// @param queries row `r` begins at `r · queryStride` and holds `[heads, headDim]`
  /// @param windows one for each row
  /// @param positions of the tokens, one for each row
  /// @param scale see [Attention#applyEach]
  public static void attend(
      Attention attention,
      float[] out,
      float[] queries,
      int queryStride,
      List<SlidingWindow> windows,
      int layer,
      int[] positions,
      float scale) {
    List<KvCache> caches = windows.stream().map(window -> window.cache).toList();
    int[] last = new int[positions.length];
    Arrays.setAll(last, row -> Math.min(positions[row], windows.get(row).keys - 1));
    attention.applyEach(out, queries, queryStride, caches, layer, last, scale);
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
