package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Set;
import org.tantra.api.EncoderInfo;
import org.tantra.api.ModelInfo;
import org.tantra.api.Task;

/// What the host remembers of a model or encoder, also after its plugin has gone. Text only.
///
/// @param point what it is
/// @param plugin id of the plugin that contributes it, or did last
record KnownModel(
    Point point,
    String name,
    String title,
    String plugin,
    Set<String> tasks,
    boolean weights,
    long minimumBytes,
    boolean network,
    boolean lowResource,
    List<String> fallbacks) {
  KnownModel {
    requireNonNull(point, "point");
    requireNonNull(name, "name");
    tasks = Set.copyOf(tasks);
    fallbacks = List.copyOf(fallbacks);
  }

  static KnownModel of(ModelInfo info, String plugin) {
    return new KnownModel(
        Point.MODEL,
        info.id(),
        info.title(),
        plugin,
        Set.copyOf(info.tasks().stream().map(Task::id).toList()),
        info.needs().weights(),
        info.needs().minimumBytes(),
        info.needs().network(),
        info.needs().lowResource(),
        info.fallbacks());
  }

  static KnownModel of(EncoderInfo info, String plugin) {
    return new KnownModel(
        Point.ENCODER,
        info.id(),
        info.title(),
        plugin,
        Set.copyOf(info.modalities().stream().map(Task::embedding).map(Task::id).toList()),
        info.needs().weights(),
        info.needs().minimumBytes(),
        info.needs().network(),
        info.needs().lowResource(),
        info.fallbacks());
  }

  /// Where it is found.
  @JsonIgnore
  Point.Id id() {
    return new Point.Id(point, name);
  }
}
