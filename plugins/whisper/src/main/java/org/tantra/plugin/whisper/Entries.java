package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.Settings;

/// Lists in `expected.json` of golden cases.
final class Entries {
  private Entries() {}

  /// A list of objects.
  static List<Settings> of(Settings settings, String key) {
    List<Settings> entries = new ArrayList<>();
    for (Object value : settings.list(key)) {
      entries.add(Settings.of(settings.origin(), Map.of(key, value)).section(key));
    }
    return entries;
  }

  /// Keys of an object inside an entry that are there without a value; [Settings] takes those for
  /// absent.
  static Set<String> valueless(Object entry, String key) {
    Set<String> keys = new TreeSet<>();
    if (entry instanceof Map<?, ?> map && map.get(key) instanceof Map<?, ?> inner) {
      inner.forEach(
          (name, value) -> {
            if (value == null) {
              keys.add(String.valueOf(name));
            }
          });
    }
    return keys;
  }

  /// A list of integers.
  static int[] ints(Settings settings, String key) {
    return settings.integers(key).stream().mapToInt(Integer::intValue).toArray();
  }

  /// A list of numbers.
  static float[] floats(Settings settings, String key) {
    List<Object> values = settings.list(key);
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i) instanceof Number number ? number.floatValue() : Float.NaN;
    }
    return floats;
  }
}
