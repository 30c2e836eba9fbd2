package org.tantra.host.runtime.felix;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.runtime.LoadedPlugin;
import org.tantra.host.runtime.PluginRuntime;
import org.tantra.host.runtime.SharedPackages;
import org.tantra.host.runtime.StagedJar;

/// Plugins as bundles of an Apache Felix framework.
///
/// Several copies of one bundle are installed at once; [ChosenWiring] sees to it that each is wired
/// to the copies the host chose.
public final class FelixRuntime implements PluginRuntime {
  private static final long STOP_SECONDS = 10;

  private final Framework framework;
  private final ChosenWiring wiring = new ChosenWiring();

  /// Starts the framework, and with it a thread of its own that only [#close()] ends.
  ///
  /// @param cache folder of this framework alone: two on one folder start without complaint, and
  ///   break each other
  /// @param shared what plugins see of the host
  /// @throws TantraException `INTERNAL` if the framework does not start
  public FelixRuntime(Path cache, SharedPackages shared) {
    this.framework =
        ServiceLoader.load(FrameworkFactory.class, FelixRuntime.class.getClassLoader())
            .findFirst()
            .orElseThrow()
            .newFramework(configuration(cache, shared));
    try {
      framework.init();
      framework
          .getBundleContext()
          .registerService(
              ResolverHookFactory.class, _ -> wiring, FrameworkUtil.asDictionary(Map.of()));
      framework.start();
    } catch (BundleException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "The Felix framework does not start: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> configuration(Path cache, SharedPackages shared) {
    Map<String, String> settings = new HashMap<>();
    settings.put(Constants.FRAMEWORK_STORAGE, cache.toString());
    settings.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    settings.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, shared.osgiHeader());
    // Two copies of one version are installed during a reload.
    settings.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
    // As in the PF4J runtime, the JDK's modules are visible and nothing else.
    settings.put(Constants.FRAMEWORK_BUNDLE_PARENT, Constants.FRAMEWORK_BUNDLE_PARENT_EXT);
    settings.put("felix.bootdelegation.implicit", "false");
    // Felix would take over the URL handlers of the whole process.
    settings.put("felix.service.urlhandlers", "false");
    settings.put("felix.log.level", "1");
    return settings;
  }

  @Override
  public String name() {
    return "felix";
  }

  @Override
  public LoadedPlugin load(StagedJar jar, long copy, List<LoadedPlugin> dependencies) {
    Set<Long> chosen =
        dependencies.stream()
            .map(dependency -> ((FelixPlugin) dependency).bundle.getBundleId())
            .collect(Collectors.toSet());
    try {
      // "reference:" runs the staged file itself instead of copying it into the cache.
      Bundle bundle = framework.getBundleContext().installBundle("reference:" + jar.path().toUri());
      try {
        wiring.choose(bundle.getBundleId(), chosen);
        bundle.start(Bundle.START_TRANSIENT);
        return new FelixPlugin(bundle, bundle.adapt(BundleWiring.class).getClassLoader());
      } catch (BundleException e) {
        remove(bundle);
        throw e;
      }
    } catch (BundleException e) {
      throw new TantraException(ErrorKind.INVALID, "Felix refuses it: " + e.getMessage(), e);
    }
  }

  /// Uninstalling alone keeps a bundle's classes for those wired to it; refreshing lets go of them.
  private void remove(Bundle bundle) {
    try {
      bundle.uninstall();
      CountDownLatch refreshed = new CountDownLatch(1);
      framework
          .adapt(FrameworkWiring.class)
          .refreshBundles(List.of(bundle), _ -> refreshed.countDown());
      if (!refreshed.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        throw new TantraException(
            ErrorKind.INTERNAL, "Felix did not let go of " + bundle + " in time.");
      }
    } catch (BundleException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "Felix cannot uninstall " + bundle + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(
          ErrorKind.CANCELLED, "Interrupted while Felix uninstalled " + bundle + ".", e);
    } finally {
      wiring.forget(bundle.getBundleId());
    }
  }

  @Override
  public void close() {
    try {
      framework.stop();
      framework.waitForStop(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
    } catch (BundleException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "The Felix framework does not stop: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(
          ErrorKind.CANCELLED, "Interrupted while the Felix framework stopped.", e);
    }
  }

  private final class FelixPlugin implements LoadedPlugin {
    private final Bundle bundle;
    private final ClassLoader classLoader;

    FelixPlugin(Bundle bundle, ClassLoader classLoader) {
      this.bundle = bundle;
      this.classLoader = classLoader;
    }

    @Override
    public ClassLoader classLoader() {
      return classLoader;
    }

    @Override
    public void unload() {
      remove(bundle);
    }
  }
}
