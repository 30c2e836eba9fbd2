package org.tantra.nn.text;

import java.util.Arrays;

/// Token ids by falling score; of equal scores the smaller id comes first.
final class Ranking {
  /// Beyond this share of all candidates one sort is cheaper than keeping a short list in order.
  private static final int SORT_ALL_BELOW_RATIO = 16;

  private Ranking() {}

  /// The `count` best of all ids, best first.
  static int[] top(float[] scores, int count) {
    if (count >= scores.length / SORT_ALL_BELOW_RATIO) {
      long[] keys = new long[scores.length];
      for (int id = 0; id < keys.length; id++) {
        keys[id] = key(scores[id], id);
      }
      Arrays.sort(keys);
      return ids(keys, Math.min(count, keys.length));
    }
    long[] best = new long[count];
    Arrays.fill(best, Long.MAX_VALUE);
    for (int id = 0; id < scores.length && count > 0; id++) {
      long key = key(scores[id], id);
      if (key < best[count - 1]) {
        int place = -1 - Arrays.binarySearch(best, key);
        System.arraycopy(best, place, best, place + 1, count - 1 - place);
        best[place] = key;
      }
    }
    return ids(best, count);
  }

  /// The given ids, best first.
  static int[] ranked(float[] scores, int[] candidates) {
    long[] keys = new long[candidates.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = key(scores[candidates[i]], candidates[i]);
    }
    Arrays.sort(keys);
    return ids(keys, keys.length);
  }

  /// Ascending keys are falling scores, then rising ids. Adding zero makes -0 equal to 0.
  private static long key(float score, int id) {
    int bits = Float.floatToIntBits(score + 0.0f);
    int rising = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ~rising << 32) | id;
  }

  private static int[] ids(long[] keys, int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = (int) keys[i];
    }
    return ids;
  }
}
