package org.tantra.nn;

import java.util.ArrayList;
import java.util.List;

/// Scratch arrays that one session uses again for every layer and step. Used by one thread.
public final class Workspace {
  private final List<float[]> arrays = new ArrayList<>();

  /// The array in a slot, at least `length` long, with whatever it held before. A longer one
  /// replaces a shorter one.
  public float[] floats(int slot, int length) {
    while (arrays.size() <= slot) {
      arrays.add(new float[0]);
    }
    float[] array = arrays.get(slot);
    if (array.length < length) {
      array = new float[length];
      arrays.set(slot, array);
    }
    return array;
  }

  /// Bytes of all arrays.
  public long bytes() {
    return arrays.stream().mapToLong(array -> array.length * 4L).sum();
  }
}
