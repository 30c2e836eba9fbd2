package org.tantra.plugin.whisper;

import org.tantra.nn.KvCache;

/// Tokens a decoder has seen in one row: their keys and values. Used by one thread.
final class TextRow implements AutoCloseable {
  private final KvCache cache;
  private int length;

  TextRow(KvCache cache) {
    this.cache = cache;
  }

  KvCache cache() {
    return cache;
  }

  /// How many tokens.
  int length() {
    return length;
  }

  void grow(int tokens) {
    length += tokens;
  }

  /// Becomes a copy of another row.
  void copyFrom(TextRow other) {
    cache.copyFrom(other.cache, other.length);
    length = other.length;
  }

  @Override
  public void close() {
    cache.close();
  }
}
