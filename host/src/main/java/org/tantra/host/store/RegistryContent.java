package org.tantra.host.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a registry says. Immutable; changes give a new one.
///
/// @param weights by name, in the order of the file
/// @param history the newest last
/// @param other top-level entries that this host does not know, kept as they are
record RegistryContent(
    Map<String, WeightEntry> weights, List<WeightEvent> history, Map<String, Object> other) {
  static final RegistryContent EMPTY = new RegistryContent(Map.of(), List.of(), Map.of());

  /// Enough for years of one operator; a registry is read and written whole.
  private static final int MOST_EVENTS = 500;

  RegistryContent {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    history = List.copyOf(history);
    other = Collections.unmodifiableMap(new LinkedHashMap<>(other));
  }

  Optional<WeightEntry> find(String name) {
    return Optional.ofNullable(weights.get(name));
  }

  List<WeightEntry> ofType(String type) {
    return weights.values().stream().filter(entry -> entry.modelType().equals(type)).toList();
  }

  Optional<WeightEntry> active(String type) {
    return ofType(type).stream().filter(WeightEntry::active).findFirst();
  }

  RegistryContent with(WeightEntry entry) {
    Map<String, WeightEntry> next = new LinkedHashMap<>(weights);
    next.put(entry.name(), entry);
    return new RegistryContent(next, history, other);
  }

  RegistryContent without(String name) {
    Map<String, WeightEntry> next = new LinkedHashMap<>(weights);
    next.remove(name);
    return new RegistryContent(next, history, other);
  }

  /// The same with one weight active among those of its type, and a note of it in the history.
  RegistryContent activated(WeightEntry chosen, String at, String operation) {
    return activated(chosen).after(at, operation, chosen, active(chosen.modelType()).orElse(null));
  }

  /// The same with one weight active among those of its type.
  RegistryContent activated(WeightEntry chosen) {
    Map<String, WeightEntry> next = new LinkedHashMap<>(weights);
    next.replaceAll(
        (name, entry) ->
            entry.modelType().equals(chosen.modelType())
                ? entry.withActive(name.equals(chosen.name()))
                : entry);
    return new RegistryContent(next, history, other);
  }

  RegistryContent after(
      String at, String operation, WeightEntry entry, @Nullable WeightEntry previous) {
    List<WeightEvent> next = new ArrayList<>(history);
    next.add(
        new WeightEvent(
            at,
            operation,
            entry.modelType(),
            entry.name(),
            previous == null ? null : previous.name()));
    return new RegistryContent(
        weights, next.subList(Math.max(0, next.size() - MOST_EVENTS), next.size()), other);
  }

  /// Weights that were active before the present one and are still registered, the latest first. A
  /// rollback takes the activation that it undid out of the line, so that several go further back.
  List<WeightEntry> activeBefore(String type) {
    Deque<String> line = new ArrayDeque<>();
    for (WeightEvent event : history) {
      if (!event.modelType().equals(type)) {
        continue;
      }
      if (event.operation().equals(WeightEvent.ROLLBACK)) {
        while (!line.isEmpty() && !line.peek().equals(event.name())) {
          line.pop();
        }
      } else if (event.operation().equals(WeightEvent.SET_ACTIVE)) {
        if (line.isEmpty() && event.previous() != null) {
          line.push(event.previous());
        }
        line.push(event.name());
      }
    }
    String now = active(type).map(WeightEntry::name).orElse("");
    return line.stream()
        .filter(name -> !name.equals(now))
        .distinct()
        .flatMap(name -> find(name).stream())
        .filter(entry -> entry.modelType().equals(type))
        .toList();
  }
}
