package org.tantra.host.runtime;

/// One copy of a plugin whose classes can be loaded.
public interface LoadedPlugin {
  /// Loads the plugin's own classes, and what it may see of others.
  ClassLoader classLoader();

  /// Forgets the plugin and closes its class loader and jar. Called once, after the copies wired to
  /// this one have been unloaded.
  ///
  /// @throws org.tantra.api.TantraException `INTERNAL` if the runtime refuses
  void unload();
}
