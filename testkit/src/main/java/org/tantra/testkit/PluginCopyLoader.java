package org.tantra.testkit;

import java.net.URL;
import java.net.URLClassLoader;
import java.security.CodeSource;

/// A class loader with its own copy of one plugin's classes, as the host makes one for each plugin;
/// all else comes from the test's class path.
final class PluginCopyLoader extends URLClassLoader {
  private PluginCopyLoader(URL classes, ClassLoader parent) {
    super("plugin copy", new URL[] {classes}, parent);
  }

  /// A loader of the folder or jar that a class came from.
  static PluginCopyLoader of(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new AssertionError(type.getName() + " comes from no folder or jar");
    }
    return new PluginCopyLoader(source.getLocation(), type.getClassLoader());
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      if (findResource(name.replace('.', '/') + ".class") != null) {
        return findClass(name);
      }
      return super.loadClass(name, resolve);
    }
  }
}
