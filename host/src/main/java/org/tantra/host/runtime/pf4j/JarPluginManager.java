package org.tantra.host.runtime.pf4j;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pf4j.AbstractExtensionFinder;
import org.pf4j.ClassLoadingStrategy;
import org.pf4j.DefaultPluginDescriptor;
import org.pf4j.DefaultPluginManager;
import org.pf4j.ExtensionFinder;
import org.pf4j.JarPluginLoader;
import org.pf4j.Plugin;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginManager;
import org.pf4j.PluginStatusProvider;
import org.pf4j.PluginWrapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.host.runtime.SharedPackages;
import org.tantra.host.runtime.StagedJar;

/// PF4J's plugin manager, with every decision that the host has already made taken out of its
/// hands: what a jar is called, what it depends on, whether it is enabled, where its extensions
/// are.
final class JarPluginManager extends DefaultPluginManager {
  /// What is being loaded.
  ///
  /// @param id of this copy alone
  /// @param dependencies class loaders of the copies it is wired to
  record Loading(String id, StagedJar jar, List<ClassLoader> dependencies) {
    Loading {
      dependencies = List.copyOf(dependencies);
    }
  }

  private final SharedPackages shared;
  private final ClassLoader parent;
  private @Nullable Loading loading; // PF4J calls back with a path only; lifecycle thread

  JarPluginManager(Path folder, SharedPackages shared, ClassLoader parent) {
    this.shared = shared; // before super(…), which calls the methods below
    this.parent = parent;
    super(List.of(folder));
  }

  PluginWrapper load(Loading what) {
    loading = what;
    try {
      loadPlugin(what.jar().path());
      return getPlugin(what.id());
    } finally {
      loading = null;
    }
  }

  private Loading loading() {
    return requireNonNull(loading, "nothing is being loaded");
  }

  @Override
  protected PluginDescriptorFinder createPluginDescriptorFinder() {
    return new PluginDescriptorFinder() {
      @Override
      public boolean isApplicable(Path path) {
        return true;
      }

      @Override
      public PluginDescriptor find(Path path) {
        StagedJar jar = loading().jar();
        return new DefaultPluginDescriptor(
            loading().id(),
            jar.manifest().description(),
            Plugin.class.getName(),
            jar.manifest().version().toString(),
            "*",
            "",
            "");
      }
    };
  }

  @Override
  protected PluginLoader createPluginLoader() {
    return new JarPluginLoader(this) {
      @Override
      protected PluginClassLoader createPluginClassLoader(Path path, PluginDescriptor descriptor) {
        return new WiredClassLoader(JarPluginManager.this, descriptor, loading().dependencies());
      }
    };
  }

  /// Plugins have no start class: their jar holds no type of PF4J.
  @Override
  protected PluginFactory createPluginFactory() {
    return _ -> new Plugin() {};
  }

  /// The host decides what is enabled; PF4J would write files into the staging folder.
  @Override
  protected PluginStatusProvider createPluginStatusProvider() {
    return new PluginStatusProvider() {
      @Override
      public boolean isPluginDisabled(String pluginId) {
        return false;
      }

      @Override
      public void disablePlugin(String pluginId) {}

      @Override
      public void enablePlugin(String pluginId) {}
    };
  }

  /// Finds nothing: the host reads the provider files itself.
  @Override
  protected ExtensionFinder createExtensionFinder() {
    return new NoExtensions(this);
  }

  private static final class NoExtensions extends AbstractExtensionFinder {
    NoExtensions(PluginManager plugins) {
      super(plugins);
    }

    @Override
    public Map<String, Set<String>> readPluginsStorages() {
      return Map.of();
    }

    @Override
    public Map<String, Set<String>> readClasspathStorages() {
      return Map.of();
    }
  }

  /// Shared packages come from the host, everything else from the plugin, then from the copies it
  /// is wired to.
  ///
  /// Asks those directly: PF4J would look them up in a map that the lifecycle thread may be
  /// changing.
  private static final class WiredClassLoader extends PluginClassLoader {
    private static final Logger log = LoggerFactory.getLogger(WiredClassLoader.class);

    private final String name;
    private final SharedPackages shared;
    private final List<ClassLoader> dependencies;

    WiredClassLoader(
        JarPluginManager plugins, PluginDescriptor descriptor, List<ClassLoader> dependencies) {
      this.name = descriptor.getPluginId();
      this.shared = plugins.shared;
      this.dependencies = dependencies;
      super(plugins, descriptor, plugins.parent, ClassLoadingStrategy.PDA);
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    protected boolean shouldDelegateToParent(String className) {
      return shared.containsClass(className);
    }

    @Override
    protected @Nullable Class<?> loadClassFromDependencies(String className) {
      for (ClassLoader dependency : dependencies) {
        try {
          return dependency.loadClass(className);
        } catch (ClassNotFoundException e) {
          log.trace("{} is not in {}", className, dependency, e);
        }
      }
      return null;
    }
  }
}
