package org.tantra.host.runtime;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

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

  private final ClassLoader host;
  private final SharedPackages shared;

  public ContextLoader(String name, ClassLoader plugin, ClassLoader host, SharedPackages shared) {
    super(name, plugin);
    this.host = host;
    this.shared = shared;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    if (shared.containsClass(name)) {
      return host.loadClass(name);
    }
    throw new ClassNotFoundException(name);
  }

  @Override
  protected URL findResource(String name) {
    try {
      Enumeration<URL> found = findResources(name);
      return found.hasMoreElements() ? found.nextElement() : super.findResource(name);
    } catch (IOException _) { // ClassLoader says: as if there were none
      return super.findResource(name);
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) throws IOException {
    List<URL> found = new ArrayList<>();
    for (URL url : Collections.list(host.getResources(name))) {
      if (shared.holds(url)) {
        found.add(url);
      }
    }
    return Collections.enumeration(found);
  }
}
