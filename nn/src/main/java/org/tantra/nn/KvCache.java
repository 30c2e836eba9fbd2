package org.tantra.nn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Keys and values of past tokens, per layer and head, in memory of its own that grows with the row
/// and is given back by [#close()].
///
/// Keys lie transposed, `[headDim, capacity]`, so that the scores of many positions are computed
/// side by side; values lie as `[capacity, headDim]`. Belongs to one session: one thread writes,
/// several may read in between.
public final class KvCache implements AutoCloseable {
  /// First capacity: most chat turns need no second one.
  private static final int FIRST_TOKENS = 128;

  private final int layers;
  private final int heads;
  private final int headDim;
  private final int maximumTokens;
  private final List<TensorView> keys = new ArrayList<>();
  private final List<TensorView> values = new ArrayList<>();
  private int capacity;
  private @Nullable Arena arena;

  /// An empty cache; takes no memory before [#reserve].
  ///
  /// @param heads heads of keys and values, which may be fewer than those of queries
  /// @param maximumTokens where growing stops
  public KvCache(int layers, int heads, int headDim, int maximumTokens) {
    this.layers = layers;
    this.heads = heads;
    this.headDim = headDim;
    this.maximumTokens = maximumTokens;
  }

  /// Makes room for positions below `tokens`, keeping what is there.
  ///
  /// @throws IllegalArgumentException if that is beyond the maximum
  public void reserve(int tokens) {
    if (tokens > maximumTokens) {
      throw new IllegalArgumentException(tokens + " tokens in a cache for " + maximumTokens);
    }
    if (tokens > capacity) {
      grow(Math.clamp(Math.max(2L * capacity, FIRST_TOKENS), tokens, maximumTokens));
    }
  }

  private void grow(int tokens) {
    Arena grown = Arena.ofShared();
    List<TensorView> newKeys = new ArrayList<>();
    List<TensorView> newValues = new ArrayList<>();
    long block = (long) headDim * tokens * 4;
    MemorySegment memory = grown.allocate(Math.multiplyExact(2L * layers * heads, block), 64);
    for (int i = 0; i < layers * heads; i++) {
      MemorySegment key = memory.asSlice(2L * i * block, block);
      MemorySegment value = memory.asSlice((2L * i + 1) * block, block);
      if (capacity > 0) {
        for (int d = 0; d < headDim; d++) {
          MemorySegment.copy(
              keys.get(i).memory(), 4L * d * capacity, key, 4L * d * tokens, 4L * capacity);
        }
        value.copyFrom(values.get(i).memory());
      }
      newKeys.add(new TensorView(DType.F32, Shape.of(headDim, tokens), key));
      newValues.add(new TensorView(DType.F32, Shape.of(tokens, headDim), value));
    }
    close();
    arena = grown;
    capacity = tokens;
    keys.addAll(newKeys);
    values.addAll(newValues);
  }

  /// Stores keys and values of one token.
  ///
  /// @param position below what was reserved
  /// @param key `[heads, headDim]` from `keyAt` on
  /// @param value `[heads, headDim]` from `valueAt` on
  public void put(int layer, int position, float[] key, int keyAt, float[] value, int valueAt) {
    for (int head = 0; head < heads; head++) {
      MemorySegment transposed = keys(layer, head).memory();
      for (int d = 0; d < headDim; d++) {
        transposed.set(
            TensorView.F32, ((long) d * capacity + position) * 4, key[keyAt + head * headDim + d]);
      }
      MemorySegment.copy(
          value,
          valueAt + head * headDim,
          values(layer, head).memory(),
          TensorView.F32,
          (long) position * headDim * 4,
          headDim);
    }
  }

  /// Takes over the first positions of another cache of the same layers, heads and sizes, in place
  /// of what is here: a row of tokens that is continued in two ways.
  ///
  /// @param tokens how many positions
  public void copyFrom(KvCache other, int tokens) {
    reserve(tokens);
    for (int i = 0; i < layers * heads; i++) {
      for (int d = 0; d < headDim; d++) {
        MemorySegment.copy(
            other.keys.get(i).memory(),
            4L * d * other.capacity,
            keys.get(i).memory(),
            4L * d * capacity,
            4L * tokens);
      }
      MemorySegment.copy(
          other.values.get(i).memory(), 0, values.get(i).memory(), 0, 4L * tokens * headDim);
    }
  }

  /// Keys of one head, `[headDim, capacity]`; valid until the next [#reserve].
  public TensorView keys(int layer, int head) {
    return keys.get(layer * heads + head);
  }

  /// Values of one head, `[capacity, headDim]`; valid until the next [#reserve].
  public TensorView values(int layer, int head) {
    return values.get(layer * heads + head);
  }

  /// Bytes taken now.
  public long bytes() {
    return 2L * layers * heads * headDim * capacity * 4;
  }

  /// Gives the memory back; the cache is empty then. Calling it again does nothing.
  @Override
  public void close() {
    keys.clear();
    values.clear();
    capacity = 0;
    if (arena != null) {
      arena.close();
      arena = null;
    }
  }
}
