package org.tantra.host.registry;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/// A plugin copy that serves.
///
/// @param source the file it came from
/// @param sha256 of that file's bytes
/// @param dependencies ids of the plugins whose classes it uses
/// @param extensions ids by the simple name of the extension point
/// @param since when it began to serve
public record RunningPlugin(
    PluginRef ref,
    Path source,
    String sha256,
    Set<String> dependencies,
    Map<String, SortedSet<String>> extensions,
    Instant since) {
  public RunningPlugin {
    dependencies = Set.copyOf(dependencies);
    extensions = Map.copyOf(extensions);
  }
}
