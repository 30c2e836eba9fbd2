package org.tantra.plugin.pytorch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Values a pickle refers back to by number. Numbers usually count up from 0, but 2³²−1 is legal,
/// so only what lies next to the others is kept in a list.
final class Memo {
  private final List<Value> dense = new ArrayList<>();
  private final Map<Long, Value> sparse = new HashMap<>();

  void put(long index, Value value) {
    if (index < dense.size()) {
      dense.set((int) index, value);
    } else if (index == dense.size() && !sparse.containsKey(index)) {
      dense.add(value);
    } else {
      sparse.put(index, value);
    }
  }

  @Nullable Value get(long index) {
    return index >= 0 && index < dense.size() ? dense.get((int) index) : sparse.get(index);
  }

  int size() {
    return dense.size() + sparse.size();
  }
}
