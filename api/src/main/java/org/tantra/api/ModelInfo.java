package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;

/// Who a model is.
///
/// @param id what users and configurations call it (`gpt2`); unique among the models of a host
/// @param title one line for people
/// @param tasks what it can do
/// @param needs what must be there before it can be loaded
/// @param fallbacks ids of the models that stand in for it, in order; configuration may override
///   them
public record ModelInfo(
    String id, String title, Set<Task> tasks, Needs needs, List<String> fallbacks) {
  public ModelInfo {
    requireExtensionId(id);
    requireNonNull(title, "title");
    requireNonNull(needs, "needs");
    tasks = Set.copyOf(tasks);
    fallbacks = List.copyOf(fallbacks);
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("model '" + id + "' names no task");
    }
    if (fallbacks.contains(id)) {
      throw new IllegalArgumentException("model '" + id + "' names itself as its fallback");
    }
  }

  static void requireExtensionId(String id) {
    if (!id.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException(
          "'" + id + "' is not an id: letters, digits, '.', '_' and '-'");
    }
  }
}
