package org.tantra.plugin.lite;

import java.util.Arrays;

/// The symbols of a running text, and where its last few stood together before.
final class History {
  /// How many symbols must be equal for a place to count as a repetition: about four words.
  static final int REPEATED = 24;

  private static final int BUCKETS = 1 << 12;
  private static final int LONGEST_SEARCH = 256;

  private final int[] latest = new int[BUCKETS];
  private short[] symbols = new short[256];
  private int[] earlier = new int[256];
  private int length;

  History() {
    Arrays.fill(latest, -1);
  }

  int length() {
    return length;
  }

  void append(int symbol) {
    if (length == symbols.length) {
      symbols = Arrays.copyOf(symbols, 2 * length);
      earlier = Arrays.copyOf(earlier, 2 * length);
    }
    symbols[length] = (short) symbol;
    length++;
    if (length >= REPEATED) {
      int bucket = bucket();
      earlier[length - 1] = latest[bucket];
      latest[bucket] = length - 1;
    }
  }

  private int bucket() {
    int hash = 0;
    for (int i = length - REPEATED; i < length; i++) {
      hash = hash * 0x9E3779B1 + symbols[i];
    }
    return (hash ^ hash >>> 15) & (BUCKETS - 1);
  }

  /// The symbol `distance` steps before the last one; an edge before the first.
  int last(int distance) {
    int at = length - 1 - distance;
    return at < 0 ? NgramTable.EDGE : symbols[at];
  }

  /// Counts, for each symbol, how often it followed when the text ended as it does now.
  void countFollowers(int[] followers) {
    Arrays.fill(followers, 0);
    if (length < REPEATED) {
      return;
    }
    int place = earlier[length - 1];
    for (int i = 0; i < LONGEST_SEARCH && place >= 0; i++) {
      if (sameEnd(place)) {
        followers[symbols[place + 1]]++;
      }
      place = earlier[place];
    }
  }

  private boolean sameEnd(int place) {
    return Arrays.equals(
        symbols, place + 1 - REPEATED, place + 1, symbols, length - REPEATED, length);
  }
}
