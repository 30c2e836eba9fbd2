package org.tantra.host.registry;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.tantra.host.runtime.ContextLoader;
import org.tantra.host.runtime.LoadedPlugin;
import org.tantra.host.runtime.StagedJar;

/// One loaded copy of a plugin, and who uses it.
///
/// Leases are counted without locks. Retiring refuses new ones; [#retire()] completes when the last
/// open one is closed. A copy holds leases on the copies it is wired to, so that those stay loaded
/// as long as it does.
final class PluginCopy {
  private static final long RETIRED = 1L << 62;

  private final PluginRef ref;
  private final StagedJar jar;
  private final LoadedPlugin loaded;
  private final ContextLoader contextClassLoader;
  private final List<Lease<LoadedPlugin>> dependencies;
  private final Instant since;
  private final AtomicLong leases = new AtomicLong();
  private final Set<Lease<?>> open = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private List<Contribution<?>> contributions = List.of(); // lifecycle thread

  /// @param dependencies leases on the copies this one is wired to; given back by [#letGo()]
  PluginCopy(
      PluginRef ref,
      StagedJar jar,
      LoadedPlugin loaded,
      ContextLoader contextClassLoader,
      List<Lease<LoadedPlugin>> dependencies,
      Instant since) {
    this.ref = ref;
    this.jar = jar;
    this.loaded = loaded;
    this.contextClassLoader = contextClassLoader;
    this.dependencies = List.copyOf(dependencies);
    this.since = since;
  }

  PluginRef ref() {
    return ref;
  }

  StagedJar jar() {
    return jar;
  }

  LoadedPlugin loaded() {
    return loaded;
  }

  /// For threads that run the plugin's code.
  ContextLoader contextClassLoader() {
    return contextClassLoader;
  }

  Instant since() {
    return since;
  }

  List<Contribution<?>> contributions() {
    return contributions;
  }

  void contribute(List<Contribution<?>> found) {
    contributions = List.copyOf(found);
  }

  /// @param what the leased object
  /// @param holder who asks, for messages
  /// @return nothing if the copy is retired
  <T> Optional<Lease<T>> lease(T what, String holder) {
    while (true) {
      long count = leases.get();
      if ((count & RETIRED) != 0) {
        return Optional.empty();
      }
      if (leases.compareAndSet(count, count + 1)) {
        Lease<T> lease = new Lease<>(what, this, holder);
        open.add(lease);
        return Optional.of(lease);
      }
    }
  }

  /// One more lease for somebody who already holds one, also while the copy is being retired.
  <T> Lease<T> leaseAgain(T what, String holder) {
    leases.incrementAndGet();
    Lease<T> lease = new Lease<>(what, this, holder);
    open.add(lease);
    return lease;
  }

  void release(Lease<?> lease) {
    open.remove(lease);
    if (leases.decrementAndGet() == RETIRED) {
      drained.complete(null);
    }
  }

  /// Refuses leases from now on. Calling it again changes nothing.
  CompletableFuture<Void> retire() {
    long before = leases.getAndUpdate(count -> count | RETIRED);
    if ((before & ~RETIRED) == 0) {
      drained.complete(null);
    }
    return drained;
  }

  /// Who has an open lease, oldest first.
  List<String> holders() {
    return open.stream().sorted(Lease.OLDEST_FIRST).map(Lease::describe).toList();
  }

  /// Forgets the extensions and gives the copies it was wired to back.
  void letGo() {
    contributions = List.of();
    dependencies.forEach(Lease::close);
  }
}
