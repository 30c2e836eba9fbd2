package org.tantra.plugin.pytorch;

/// Bounds the memory a pickle may take for its values. A pickle makes an object from one byte, so
/// its size alone bounds nothing; the costs are rough, on the safe side.
final class HeapBudget {
  /// Any single value, and its place on the stack or in a container.
  static final long VALUE = 32;

  /// An empty container, or an entry of a hash map.
  static final long CONTAINER = 96;

  /// An entry of a dict, its key included.
  static final long DICT_ITEM = 128;

  /// A call and its result.
  static final long CALL = 256;

  /// Enough for a checkpoint of 100 000 tensors.
  private static final long LIMIT = 128L << 20;

  private final Refusal refusal;
  private long taken;

  HeapBudget(Refusal refusal) {
    this.refusal = refusal;
  }

  void take(long bytes) {
    taken += bytes;
    if (taken > LIMIT) {
      throw refusal.because("resource-limit", "the pickle holds more values than any checkpoint");
    }
  }
}
