package org.tantra.host.registry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.runtime.PluginManifest;
import org.tantra.host.runtime.Stager;

/// Takes copies out of memory once nobody uses them.
///
/// A copy whose leases are not back within the drain limit becomes a zombie: it stays loaded, and
/// its holders are named, until they are done or somebody forces it.
final class Retirement {
  private static final Logger log = LoggerFactory.getLogger(Retirement.class);

  private final Lifecycle lifecycle;
  private final Stager stager;
  private final LoaderWatch loaders;
  private final Duration drainLimit;
  private final InstantSource clock;
  private final Map<Long, Leaving> leaving = new ConcurrentSkipListMap<>();

  /// Retired copies that are not unloaded before the host stops.
  private final List<PluginCopy> staying = new ArrayList<>(); // lifecycle thread

  private boolean stopping; // lifecycle thread

  private static final class Leaving {
    private final PluginCopy copy;
    private final Instant since;
    private final CompletableFuture<Void> unloaded = new CompletableFuture<>();
    private volatile boolean zombie;

    Leaving(PluginCopy copy, Instant since) {
      this.copy = copy;
      this.since = since;
    }
  }

  Retirement(
      Lifecycle lifecycle,
      Stager stager,
      LoaderWatch loaders,
      Duration drainLimit,
      InstantSource clock) {
    this.lifecycle = lifecycle;
    this.stager = stager;
    this.loaders = loaders;
    this.drainLimit = drainLimit;
    this.clock = clock;
  }

  /// Refuses new leases on a copy and unloads it after the last one; if the plugin says that it
  /// cannot be unloaded, not before the host stops. Lifecycle thread.
  void retire(PluginCopy copy) {
    if (copy.jar().manifest().reload() == PluginManifest.Reload.RESTART && !stopping) {
      log.info("Plugin {} stays loaded until the host stops, as it asks for.", copy.ref());
      var _ = copy.retire();
      staying.add(copy);
    } else {
      unloadWhenDrained(copy);
    }
  }

  /// From now on everything is unloaded. Lifecycle thread.
  void stop() {
    stopping = true;
    List<PluginCopy> left = List.copyOf(staying);
    staying.clear();
    left.forEach(this::unloadWhenDrained);
  }

  private void unloadWhenDrained(PluginCopy copy) {
    Leaving one = new Leaving(copy, clock.instant());
    leaving.put(copy.ref().copy(), one);
    CompletableFuture<Void> drained = copy.retire();
    if (drained.isDone()) {
      unload(one);
      return;
    }
    Future<?> alarm = lifecycle.after(drainLimit, () -> becomeZombie(one));
    var _ =
        drained.thenRunAsync(
            () -> {
              alarm.cancel(false);
              unload(one);
            },
            lifecycle);
  }

  private void becomeZombie(Leaving one) {
    List<String> holders = one.copy.holders();
    if (holders.isEmpty()) {
      return; // the last one has just gone
    }
    one.zombie = true;
    log.warn(
        "Plugin {} did not stop within {} s: {} leases open, the oldest by {}."
            + " It stays loaded until they are closed or it is forced.",
        one.copy.ref(),
        drainLimit.toSeconds(),
        holders.size(),
        holders.getFirst());
  }

  /// Lifecycle thread.
  private void unload(Leaving one) {
    PluginCopy copy = one.copy;
    if (leaving.remove(copy.ref().copy()) == null) {
      return; // it was forced, and its last lease came back later
    }
    try {
      loaders.watch(
          copy.ref(),
          copy.loaded().classLoader(),
          copy.contextClassLoader(),
          copy.jar().packages());
      copy.loaded().unload();
      log.info("Unloaded plugin {} (copy {}).", copy.ref(), copy.ref().copy());
    } catch (RuntimeException e) { // its update or removal has happened all the same
      log.error("Plugin {} was not unloaded cleanly.", copy.ref(), e);
    } finally {
      stager.discard(copy.jar());
      copy.letGo();
      one.unloaded.complete(null);
    }
  }

  /// Unloads a copy under whoever still uses it. Lifecycle thread.
  ///
  /// @throws TantraException `NOT_FOUND` if no such copy is waiting
  void force(long copy) {
    Leaving one = leaving.get(copy);
    if (one == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND, "No plugin copy " + copy + " is waiting to be unloaded.");
    }
    log.warn("Plugin {} is unloaded by force, under {}.", one.copy.ref(), one.copy.holders());
    unload(one);
  }

  List<RetiredPlugin> waiting() {
    return leaving.values().stream()
        .map(one -> new RetiredPlugin(one.copy.ref(), one.zombie, one.since, one.copy.holders()))
        .toList();
  }

  /// Deletes what only the end of the runtime has set free. Lifecycle thread.
  void afterRuntime() {
    leaving.values().forEach(one -> stager.discard(one.copy.jar()));
  }

  /// @return whether every copy was unloaded in time
  boolean await(Duration limit) {
    CompletableFuture<?>[] all =
        leaving.values().stream().map(one -> one.unloaded).toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(all).get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(ErrorKind.CANCELLED, "Interrupted.", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("unloading is never reported as failed", e);
    }
  }
}
