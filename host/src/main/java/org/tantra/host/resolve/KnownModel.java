package org.tantra.host.resolve;

import java.util.List;
import java.util.Set;
import org.tantra.api.ModelInfo;
import org.tantra.api.Task;

/// What the host remembers of a model, also after its plugin has gone. Text only.
///
/// @param plugin id of the plugin that contributes it, or did last
record KnownModel(
    String id,
    String title,
    String plugin,
    Set<String> tasks,
    boolean weights,
    long minimumBytes,
    boolean network,
    boolean lowResource,
    List<String> fallbacks) {
  KnownModel {
    tasks = Set.copyOf(tasks);
    fallbacks = List.copyOf(fallbacks);
  }

  static KnownModel of(ModelInfo info, String plugin) {
    return new KnownModel(
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
}
