package org.tantra.host.runtime;

/// Parent of plugin class loaders: the JDK and the shared packages, and nothing else of the host.
public final class SharedLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private final SharedPackages shared;
  private final ClassLoader host;

  public SharedLoader(SharedPackages shared, ClassLoader host) {
    super("tantra-shared", ClassLoader.getPlatformClassLoader());
    this.shared = shared;
    this.host = host;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    if (shared.containsClass(name)) {
      return host.loadClass(name);
    }
    throw new ClassNotFoundException(name);
  }
}
