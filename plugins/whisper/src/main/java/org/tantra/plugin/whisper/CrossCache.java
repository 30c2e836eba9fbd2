package org.tantra.plugin.whisper;

/// Keys and values of an encoded window in every layer of the decoder, which all tokens attend to.
///
/// Filled layer by layer by one thread, then read.
sealed interface CrossCache extends AutoCloseable permits ExactCrossCache, RoundedCrossCache {
  /// @param keys of all positions, `[positions, hidden]`; not kept
  /// @param values of all positions, `[positions, hidden]`; not kept
  void put(int layer, float[] keys, float[] values);

  /// Attends from tokens to all positions, `out = softmax(scale · q Kᵀ) V` per head.
  ///
  /// @param out `[tokens, hidden]`, overwritten
  /// @param queries `[tokens, hidden]`
  void attend(float[] out, float[] queries, int tokens, int layer);

  /// Scores of one head before the softmax.
  ///
  /// @param queries `[tokens, hidden]`
  /// @return `[tokens, positions]`
  float[] scores(float[] queries, int tokens, int layer, int head);

  /// Bytes taken now.
  long bytes();

  /// Gives the memory back. Calling it again does nothing.
  @Override
  void close();
}
