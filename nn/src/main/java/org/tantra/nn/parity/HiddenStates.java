package org.tantra.nn.parity;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a network let see of the values between its layers, block by block, joined to whole rows of
/// tokens.
public final class HiddenStates {
  private final Map<String, float[]> seen = new LinkedHashMap<>();

  /// Adds the next block of a place.
  ///
  /// @param name as golden cases call it, such as `hidden.layer.0`
  /// @param x the block in its first `length` elements, copied
  public void add(String name, float[] x, int length) {
    float[] before = seen.getOrDefault(name, new float[0]);
    float[] joined = Arrays.copyOf(before, before.length + length);
    System.arraycopy(x, 0, joined, before.length, length);
    seen.put(name, joined);
  }

  /// What a place had so far; nothing if it was not passed.
  public float[] values(String name) {
    return seen.getOrDefault(name, new float[0]).clone();
  }

  /// Compares every place that the case has values for.
  ///
  /// @param suffix what the case's names have after those of the places; often empty
  public void compare(Comparison comparison, String suffix) {
    seen.forEach(
        (name, values) -> {
          if (comparison.has(name + suffix)) {
            comparison.check(name + suffix, values);
          }
        });
  }
}
