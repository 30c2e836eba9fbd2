package org.tantra.host.concurrent;

import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// Runs plugin code: on fresh platform threads, at most as many computing at once as there are
/// cores.
///
/// Fresh, because a pooled thread keeps a plugin's thread locals and with them its classes;
/// platform threads, because a virtual thread that computes keeps its carrier to itself. Failures
/// arrive as [org.tantra.api.TantraException]: those that the plugin threw itself as they are,
/// everything else, errors of linking, stack and memory included, as `INTERNAL` with the plugin's
/// name and the cause as text. No exception of the plugin is kept, since it would keep the plugin's
/// classes. Safe from any thread, virtual ones included.
public final class PluginThreads {
  private final Semaphore permits;
  private final Set<Turn> holders = ConcurrentHashMap.newKeySet();

  /// @param cores how many threads may compute at once
  public PluginThreads(int cores) {
    this.permits = new Semaphore(cores, true);
  }

  /// A call that hardly computes, such as a constructor or `info()`: does not wait for a turn.
  ///
  /// @throws org.tantra.api.TantraException as the class comment says; `INTERNAL` if it takes
  ///   longer than its limit, and then its thread is left alone; `CANCELLED` if the caller is
  ///   interrupted
  public <T> T call(PluginCall call, Callable<T> body) {
    try (Worker worker = new Worker(call, Turn.always())) {
      return worker.call(body);
    }
  }

  /// A call that computes, such as loading a model: waits for its turn first. The limit counts from
  /// there.
  ///
  /// @param orphan gets an answer that comes after the caller has given up, to close it
  /// @throws org.tantra.api.TantraException as [#call(PluginCall, Callable)]
  public <T> T compute(PluginCall call, Callable<T> body, Consumer<T> orphan) {
    try (Worker worker = worker(call)) {
      return worker.call(body, orphan);
    }
  }

  /// A thread for one request that computes step by step; a step's limit counts from its turn.
  public Worker worker(PluginCall call) {
    return new Worker(call, new Turn(permits, holders));
  }

  /// How many more threads could compute right now.
  public int idle() {
    return permits.availablePermits();
  }
}
