package org.tantra.host.runtime;

/// Parent of plugin class loaders: the JDK and the shared packages, and nothing else of the host.
public final class SharedLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private final SharedPackages shared;

  public SharedLoader(SharedPackages shared) {
    super("tantra-shared", ClassLoader.getPlatformClassLoader());
    this.shared = shared;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    return shared.load(name);
  }
}
