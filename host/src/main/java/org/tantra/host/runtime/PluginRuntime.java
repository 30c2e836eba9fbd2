package org.tantra.host.runtime;

import java.util.List;

/// Turns staged jars into class loaders. All calls come from the lifecycle thread.
public interface PluginRuntime extends AutoCloseable {
  /// `pf4j` or `felix`.
  String name();

  /// Loads one more copy of a plugin, beside others that may be running. No class of it is
  /// initialised.
  ///
  /// @param jar has passed [CompatibilityCheck]
  /// @param copy number that no other copy has
  /// @param dependencies the copies, of this runtime, whose classes it shall see
  /// @throws org.tantra.api.TantraException `INVALID` if the runtime refuses the jar; nothing of it
  ///   stays loaded
  LoadedPlugin load(StagedJar jar, long copy, List<LoadedPlugin> dependencies);

  /// Stops the runtime. Calling it again does nothing.
  @Override
  void close();
}
