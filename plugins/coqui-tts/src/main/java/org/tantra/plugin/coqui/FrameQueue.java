package org.tantra.plugin.coqui;

import java.util.Arrays;

/// Frames of one row that wait for those of another.
final class FrameQueue {
  private float[] waiting = {};

  /// @param x whole frames, copied
  void add(float[] x) {
    waiting = joined(waiting, x);
  }

  /// How many numbers wait.
  int size() {
    return waiting.length;
  }

  /// The first of what waits, which then waits no more.
  ///
  /// @param count how many numbers, at most [#size()]
  float[] take(int count) {
    float[] taken = Arrays.copyOf(waiting, count);
    waiting = Arrays.copyOfRange(waiting, count, waiting.length);
    return taken;
  }

  /// One behind the other.
  static float[] joined(float[] a, float[] b) {
    float[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
