package org.tantra.host.runtime.pf4j;

import java.net.URLConnection;
import java.nio.file.Path;
import java.util.List;
import org.pf4j.PluginRuntimeException;
import org.pf4j.PluginState;
import org.pf4j.PluginWrapper;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.runtime.LoadedPlugin;
import org.tantra.host.runtime.PluginRuntime;
import org.tantra.host.runtime.SharedLoader;
import org.tantra.host.runtime.SharedPackages;
import org.tantra.host.runtime.StagedJar;

/// Plugins as PF4J plugins.
///
/// PF4J refuses two plugins of one id, so every copy gets an id of its own, `gpt2#7`: that is how a
/// new copy loads beside the old one.
public final class Pf4jRuntime implements PluginRuntime {
  private final JarPluginManager plugins;

  /// Also switches off the caching of `jar:` URLs, for the whole process.
  ///
  /// @param folder the staging folder
  /// @param shared what plugins see of the host
  public Pf4jRuntime(Path folder, SharedPackages shared) {
    // A plugin that opens a resource by its URL would keep the jar open for ever.
    URLConnection.setDefaultUseCaches("jar", false);
    this.plugins = new JarPluginManager(folder, shared, new SharedLoader(shared));
  }

  @Override
  public String name() {
    return "pf4j";
  }

  @Override
  public LoadedPlugin load(StagedJar jar, long copy, List<LoadedPlugin> dependencies) {
    String id = jar.id() + "#" + copy;
    List<ClassLoader> loaders = dependencies.stream().map(LoadedPlugin::classLoader).toList();
    try {
      PluginWrapper plugin = plugins.load(new JarPluginManager.Loading(id, jar, loaders));
      PluginState state = plugins.startPlugin(id);
      if (state != PluginState.STARTED) {
        throw new PluginRuntimeException("its state is " + state + " instead of STARTED");
      }
      return new Pf4jPlugin(id, plugin.getPluginClassLoader());
    } catch (PluginRuntimeException | LinkageError e) {
      forget(id);
      throw new TantraException(ErrorKind.INVALID, "PF4J refuses it: " + e.getMessage(), e);
    }
  }

  /// A failed load leaves an entry in PF4J that would make every later load fail.
  private void forget(String id) {
    if (plugins.getPlugin(id) != null) {
      plugins.unloadPlugin(id);
    }
  }

  @Override
  public void close() {
    // One by one: PF4J's own methods for all of them change the list they walk.
    for (PluginWrapper plugin : List.copyOf(plugins.getPlugins())) {
      plugins.unloadPlugin(plugin.getPluginId());
    }
  }

  private final class Pf4jPlugin implements LoadedPlugin {
    private final String id;
    private final ClassLoader classLoader;

    Pf4jPlugin(String id, ClassLoader classLoader) {
      this.id = id;
      this.classLoader = classLoader;
    }

    @Override
    public ClassLoader classLoader() {
      return classLoader;
    }

    @Override
    public void unload() {
      try {
        plugins.unloadPlugin(id);
      } catch (PluginRuntimeException e) {
        throw new TantraException(
            ErrorKind.INTERNAL, "PF4J cannot unload " + id + ": " + e.getMessage(), e);
      }
    }
  }
}
