package org.tantra.host.registry;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.runtime.CompatibilityCheck;
import org.tantra.host.runtime.PluginManifest;
import org.tantra.host.runtime.PluginRuntime;
import org.tantra.host.runtime.SharedPackages;
import org.tantra.host.runtime.StagedJar;
import org.tantra.host.runtime.Stager;

/// Runs, replaces and removes plugins while they are in use.
///
/// A new copy is loaded beside the one that runs, proven, then put in its place in one step; the
/// old one is unloaded after its last lease. Plugins that use the classes of a replaced one are
/// replaced with it. If any step fails, the new copies are thrown away and nothing has changed. All
/// changes happen on one thread; the methods may be called from any other and wait for it.
public final class Plugins implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Plugins.class);

  /// How long to wait for plugin code.
  ///
  /// @param construct for one constructor or `info()`
  /// @param drain for open leases before their holders are named
  /// @param shutdown for open leases when the host stops
  public record Limits(Duration construct, Duration drain, Duration shutdown) {
    public static final Limits DEFAULT =
        new Limits(Duration.ofSeconds(5), Duration.ofSeconds(120), Duration.ofSeconds(10));
  }

  private final PluginRuntime runtime;
  private final ExtensionRegistry registry;
  private final Limits limits;
  private final LoaderWatch loaders = new LoaderWatch();
  private final Lifecycle lifecycle = new Lifecycle();
  private final CopyLoader copies;
  private final ExtensionFactory extensions;
  private final Retirement retirement;
  private final List<PluginListener> listeners = new ArrayList<>(); // lifecycle thread
  private final Map<String, PluginCopy> active = new LinkedHashMap<>(); // lifecycle thread
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile SortedMap<String, RunningPlugin> running = new TreeMap<>();

  /// @param compatibility what this host offers
  /// @param clock for times that are shown
  public Plugins(
      PluginRuntime runtime,
      Stager stager,
      SharedPackages shared,
      CompatibilityCheck compatibility,
      ExtensionRegistry registry,
      PluginThreads threads,
      Limits limits,
      InstantSource clock) {
    this.runtime = runtime;
    this.registry = registry;
    this.limits = limits;
    this.copies = new CopyLoader(runtime, stager, shared, compatibility, clock);
    this.extensions = new ExtensionFactory(threads, limits.construct());
    this.retirement = new Retirement(lifecycle, stager, loaders, limits.drain(), clock);
  }

  /// Takes part in every change from now on.
  public void listen(PluginListener listener) {
    lifecycle.call(() -> listeners.add(listener));
  }

  /// Runs a plugin, in place of the copy of it that runs, if one does.
  ///
  /// @param jar stays the caller's; every copy runs from a file of its own
  public Deployment deploy(StagedJar jar) {
    return lifecycle.call(() -> replace(jar));
  }

  /// Replaces a plugin by a new copy of the same jar.
  ///
  /// @throws TantraException `NOT_FOUND` if it does not run
  public Deployment reload(String id) {
    return lifecycle.call(() -> replace(requireActive(id).jar()));
  }

  /// Stops a plugin, and those that use its classes. Requests that run are finished.
  ///
  /// @return the copies that were stopped; none if it did not run
  public List<PluginRef> undeploy(String id) {
    return lifecycle.call(
        () -> {
          PluginCopy copy = active.get(id);
          if (copy == null) {
            return List.of();
          }
          List<PluginCopy> outgoing = new ArrayList<>(List.of(copy));
          outgoing.addAll(dependentsOf(id));
          remove(outgoing);
          return outgoing.stream().map(PluginCopy::ref).toList();
        });
  }

  /// Unloads a copy that waits for its leases, under whoever still uses it.
  ///
  /// @param copy its number
  /// @throws TantraException `NOT_FOUND` if no such copy is waiting
  public void force(long copy) {
    lifecycle.call(
        () -> {
          retirement.force(copy);
          return true;
        });
  }

  /// The plugins that serve, by id.
  public SortedMap<String, RunningPlugin> running() {
    return running;
  }

  /// Copies that no longer serve but are still in use.
  public List<RetiredPlugin> retired() {
    return retirement.waiting();
  }

  /// What became of the class loaders of unloaded copies.
  public LoaderWatch loaders() {
    return loaders;
  }

  /// Waits until every retired copy is unloaded.
  ///
  /// @return whether that was so within the limit
  public boolean awaitUnloaded(Duration limit) {
    return retirement.await(limit);
  }

  private Deployment replace(StagedJar jar) {
    PluginCopy old = active.get(jar.id());
    PluginRef oldRef = old == null ? null : old.ref();
    List<PluginCopy> dependents = dependentsOf(jar.id());
    List<StagedJar> jars = new ArrayList<>(List.of(jar));
    dependents.forEach(dependent -> jars.add(dependent.jar()));
    long begin = System.nanoTime();
    Update update = new Update(copies, extensions, registry, listeners, active);
    try {
      requireReplaceable(jar, old, dependents);
      update.run(jars);
    } catch (TantraException e) {
      update.incoming().reversed().forEach(retirement::retire);
      log.warn("Plugin {} was refused in step {}: {}", jar, update.step(), e.getMessage());
      return new Deployment.Refused(
          jar.toString(), update.step(), e.kind(), String.valueOf(e.getMessage()), oldRef);
    }
    update.incoming().forEach(copy -> active.put(copy.ref().id(), copy));
    publish();
    PluginRef ref = update.incoming().getFirst().ref();
    log.info(
        "Plugin {} (copy {}) runs{} after {} ms.",
        ref,
        ref.copy(),
        old == null ? "" : " in place of " + oldRef + " (copy " + old.ref().copy() + ")",
        (System.nanoTime() - begin) / 1_000_000);
    retire(update.outgoing());
    return new Deployment.Running(ref, oldRef);
  }

  /// What can be said before the jar itself is looked at.
  private static void requireReplaceable(
      StagedJar jar, @Nullable PluginCopy old, List<PluginCopy> dependents) {
    Set<String> users = new HashSet<>(Set.of(jar.id()));
    dependents.forEach(dependent -> users.add(dependent.ref().id()));
    for (PluginManifest.Dependency dependency : jar.manifest().dependencies()) {
      if (users.contains(dependency.id())) {
        throw new TantraException(
            ErrorKind.INVALID,
            "Plugin %s needs plugin %s, which needs it in turn.".formatted(jar, dependency.id()));
      }
    }
    List<PluginCopy> replaced = new ArrayList<>(dependents);
    if (old != null) {
      replaced.add(old);
    }
    for (PluginCopy copy : replaced) {
      if (copy.jar().manifest().reload() == PluginManifest.Reload.RESTART) {
        throw new TantraException(
            ErrorKind.UNSUPPORTED,
            "Plugin %s is replaced when the host starts again.".formatted(copy.ref()));
      }
    }
  }

  private PluginCopy requireActive(String id) {
    PluginCopy copy = active.get(id);
    if (copy == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND, "No plugin '%s' runs; there are %s.".formatted(id, active.keySet()));
    }
    return copy;
  }

  private void remove(List<PluginCopy> outgoing) {
    registry.publish(registry.planned(outgoing, List.of()));
    outgoing.forEach(copy -> active.remove(copy.ref().id()));
    publish();
    retire(outgoing);
  }

  private void retire(List<PluginCopy> outgoing) {
    for (PluginCopy copy : outgoing) {
      for (PluginListener listener : listeners) {
        try {
          listener.retiring(copy.ref());
        } catch (RuntimeException e) {
          log.error("A listener failed to let go of plugin {}.", copy.ref(), e);
        }
      }
      retirement.retire(copy);
    }
  }

  /// The plugins that use the classes of this one, directly or through others, each after those it
  /// uses itself.
  private List<PluginCopy> dependentsOf(String id) {
    Map<String, PluginCopy> left = new LinkedHashMap<>();
    collectDependents(id, left);
    List<PluginCopy> ordered = new ArrayList<>();
    while (!left.isEmpty()) { // there are no cycles: a plugin only ever starts after those it uses
      for (PluginCopy copy : List.copyOf(left.values())) {
        if (Collections.disjoint(dependenciesOf(copy), left.keySet())) {
          left.remove(copy.ref().id());
          ordered.add(copy);
        }
      }
    }
    return ordered;
  }

  private void collectDependents(String id, Map<String, PluginCopy> found) {
    for (PluginCopy copy : active.values()) {
      if (dependenciesOf(copy).contains(id) && found.put(copy.ref().id(), copy) == null) {
        collectDependents(copy.ref().id(), found);
      }
    }
  }

  private static Set<String> dependenciesOf(PluginCopy copy) {
    return copy.jar().manifest().dependencies().stream()
        .map(PluginManifest.Dependency::id)
        .collect(Collectors.toUnmodifiableSet());
  }

  private void publish() {
    SortedMap<String, RunningPlugin> next = new TreeMap<>();
    active.forEach((id, copy) -> next.put(id, describe(copy)));
    running = Collections.unmodifiableSortedMap(next);
  }

  private static RunningPlugin describe(PluginCopy copy) {
    Map<String, SortedSet<String>> extensions = new TreeMap<>();
    for (Contribution<?> contribution : copy.contributions()) {
      extensions
          .computeIfAbsent(contribution.point().getSimpleName(), _ -> new TreeSet<>())
          .add(contribution.id());
    }
    return new RunningPlugin(
        copy.ref(),
        copy.jar().source(),
        copy.jar().sha256(),
        dependenciesOf(copy),
        extensions,
        copy.since());
  }

  /// Stops every plugin, waits for requests up to the shutdown limit, and stops the runtime.
  /// Calling it again does nothing.
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    lifecycle.call(
        () -> {
          retirement.stop();
          remove(List.copyOf(active.values()).reversed());
          return true;
        });
    if (!retirement.await(limits.shutdown())) {
      log.warn("Stopping although plugins are in use: {}", retirement.waiting());
    }
    lifecycle.call(
        () -> {
          runtime.close();
          retirement.afterRuntime();
          return true;
        });
    lifecycle.close();
  }
}
