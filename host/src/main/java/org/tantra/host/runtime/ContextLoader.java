package org.tantra.host.runtime;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Context class loader of threads that run a plugin's code: sees what the plugin sees, then, of
/// the host, what lies in the shared libraries.
///
/// Libraries look for providers and native files through the context class loader. With the
/// plugin's own loader there, those of a shared library would not be found; with the host's, those
/// of the plugin. Never defines a class.
public final class ContextLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private final SharedPackages shared;

  /// @param name for stack traces and messages: `gpt2#7`
  /// @param plugin the plugin's own class loader
  public ContextLoader(String name, ClassLoader plugin, SharedPackages shared) {
    super(name, plugin);
    this.shared = shared;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    return shared.load(name);
  }

  @Override
  protected @Nullable URL findResource(String name) {
    try {
      List<URL> found = shared.resources(name);
      return found.isEmpty() ? null : found.getFirst();
    } catch (IOException _) { // ClassLoader says: as if there were none
      return null;
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) throws IOException {
    return Collections.enumeration(shared.resources(name));
  }
}
