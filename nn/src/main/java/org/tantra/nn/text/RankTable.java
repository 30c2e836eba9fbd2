package org.tantra.nn.text;

import java.util.Arrays;

/// The tokens of a vocabulary by their rank, and the rank of a token by its bytes.
///
/// All bytes lie in one array, and a hash table of ranks finds them: some 20 bytes a token, where
/// maps of objects take 150. Complete before it is shared; then safe from any thread.
final class RankTable {
  /// What [#of] says of bytes that are no token. Larger than every rank.
  static final int NONE = Integer.MAX_VALUE;

  /// Published tokens have six to seven bytes.
  private static final int USUAL_LENGTH = 8;

  /// Ranks plus 1 by hash, behind one another where hashes meet; 0 is free.
  private final int[] slots;

  /// Where each token begins; behind the last one where it ends.
  private final int[] starts;

  private byte[] bytes;
  private int size;
  private int longest;

  /// @param capacity the most tokens that will be added
  RankTable(int capacity) {
    slots = new int[Math.max(16, Integer.highestOneBit(capacity) << 2)];
    starts = new int[capacity + 1];
    bytes = new byte[Math.multiplyExact(capacity, USUAL_LENGTH)];
  }

  /// Gives a token the next rank.
  ///
  /// @return whether it had none
  boolean add(byte[] token) {
    int slot = slot(token, 0, token.length);
    if (slots[slot] != 0) {
      return false;
    }
    int from = starts[size];
    int to = Math.addExact(from, token.length);
    if (to > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(to, Math.addExact(bytes.length, bytes.length / 2)));
    }
    System.arraycopy(token, 0, bytes, from, token.length);
    size++;
    starts[size] = to;
    slots[slot] = size;
    longest = Math.max(longest, token.length);
    return true;
  }

  int size() {
    return size;
  }

  /// The rank of `text[from, to)`, or [#NONE].
  int of(byte[] text, int from, int to) {
    if (to - from > longest) {
      return NONE;
    }
    int found = slots[slot(text, from, to)];
    return found == 0 ? NONE : found - 1;
  }

  /// A fresh array.
  byte[] bytes(int rank) {
    return Arrays.copyOfRange(bytes, starts[rank], starts[rank + 1]);
  }

  /// Where the rank of some bytes is, or the free place where it would be.
  private int slot(byte[] text, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + text[i];
    }
    hash *= 0x9E3779B9;
    int slot = (hash ^ hash >>> 15) & (slots.length - 1);
    while (slots[slot] != 0 && !equal(slots[slot] - 1, text, from, to)) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  private boolean equal(int rank, byte[] text, int from, int to) {
    return Arrays.equals(bytes, starts[rank], starts[rank + 1], text, from, to);
  }
}
