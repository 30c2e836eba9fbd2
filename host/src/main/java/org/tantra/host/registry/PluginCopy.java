package org.tantra.host.registry;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/// Counts the leases of one loaded copy of a plugin, without locks.
///
/// Retiring refuses new leases; [#drained()] completes when the last open one is closed.
final class PluginCopy {
  private static final long RETIRED = 1L << 62;

  private final PluginRef ref;
  private final ClassLoader contextClassLoader;
  private final AtomicLong leases = new AtomicLong();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();

  PluginCopy(PluginRef ref, ClassLoader contextClassLoader) {
    this.ref = ref;
    this.contextClassLoader = contextClassLoader;
  }

  PluginRef ref() {
    return ref;
  }

  /// For threads that run the plugin's code.
  ClassLoader contextClassLoader() {
    return contextClassLoader;
  }

  boolean tryAcquire() {
    while (true) {
      long count = leases.get();
      if ((count & RETIRED) != 0) {
        return false;
      }
      if (leases.compareAndSet(count, count + 1)) {
        return true;
      }
    }
  }

  void release() {
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

  CompletableFuture<Void> drained() {
    return drained;
  }

  long openLeases() {
    return leases.get() & ~RETIRED;
  }
}
