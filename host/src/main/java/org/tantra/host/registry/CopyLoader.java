package org.tantra.host.registry;

import static java.util.Objects.requireNonNull;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.runtime.CompatibilityCheck;
import org.tantra.host.runtime.ContextLoader;
import org.tantra.host.runtime.LoadedPlugin;
import org.tantra.host.runtime.PluginManifest;
import org.tantra.host.runtime.PluginRuntime;
import org.tantra.host.runtime.SharedPackages;
import org.tantra.host.runtime.StagedJar;
import org.tantra.host.runtime.Stager;

/// Turns a staged jar into a copy that is wired to copies of what it depends on. Lifecycle thread.
final class CopyLoader {
  private final PluginRuntime runtime;
  private final Stager stager;
  private final SharedPackages shared;
  private final CompatibilityCheck compatibility;
  private final InstantSource clock;
  private long count;

  CopyLoader(
      PluginRuntime runtime,
      Stager stager,
      SharedPackages shared,
      CompatibilityCheck compatibility,
      InstantSource clock) {
    this.runtime = runtime;
    this.stager = stager;
    this.shared = shared;
    this.compatibility = compatibility;
    this.clock = clock;
  }

  /// @param available the copies it may be wired to, by plugin id
  /// @throws TantraException `UNSUPPORTED` if the jar does not fit this host or what is available
  void check(StagedJar jar, Map<String, PluginCopy> available) {
    Map<String, PluginManifest> manifests = new TreeMap<>();
    available.forEach((id, copy) -> manifests.put(id, copy.jar().manifest()));
    Optional<String> problem = compatibility.problem(jar, manifests);
    if (problem.isPresent()) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED, "Plugin %s %s.".formatted(jar, problem.get()));
    }
  }

  /// @param available must satisfy [#check(StagedJar, Map)]
  /// @throws TantraException `INVALID` if the runtime refuses the jar; nothing of it stays loaded
  PluginCopy load(StagedJar jar, Map<String, PluginCopy> available) {
    long number = ++count;
    PluginRef ref = new PluginRef(jar.id(), jar.manifest().version().toString(), number);
    List<Lease<LoadedPlugin>> dependencies = new ArrayList<>();
    StagedJar own = stager.fork(jar);
    try {
      for (PluginManifest.Dependency dependency : jar.manifest().dependencies()) {
        PluginCopy copy = requireNonNull(available.get(dependency.id()), "checked before");
        dependencies.add(copy.lease(copy.loaded(), "plugin " + ref).orElseThrow());
      }
      List<LoadedPlugin> wiring = dependencies.stream().map(Lease::get).toList();
      LoadedPlugin loaded = runtime.load(own, number, wiring);
      ContextLoader context =
          new ContextLoader(jar.id() + "#" + number, loaded.classLoader(), shared);
      return new PluginCopy(ref, own, loaded, context, dependencies, clock.instant());
    } catch (TantraException e) {
      dependencies.forEach(Lease::close);
      stager.discard(own);
      throw new TantraException(
          e.kind(), "Plugin %s cannot be loaded: %s".formatted(ref, e.getMessage()), e);
    }
  }
}
