package org.tantra.host.registry;

import java.util.List;
import org.tantra.api.WeightPlan;

/// Takes part in the life cycle of plugin copies. All calls come from the lifecycle thread: while
/// one runs nothing else changes, and it must not ask [Plugins] for another change. Plugin code is
/// to be called through [org.tantra.host.concurrent.PluginThreads], with a time limit.
public interface PluginListener {
  /// A model or an encoder of a copy that is about to run.
  ///
  /// @param point which of the two
  /// @param id the extension's id
  /// @param lease on the extension; the listener closes it
  record Incoming(Class<?> point, String id, Lease<? extends WeightPlan.Maker> lease) {}

  /// Before a copy replaces another one: load and verify in the new copy what is in use in the old
  /// one.
  ///
  /// @param previous the copy that runs
  /// @param next the copy that shall run
  /// @throws org.tantra.api.TantraException to undo the update; the previous copy goes on serving
  default void prepare(PluginRef previous, PluginRef next, List<Incoming> extensions) {}

  /// The update was undone after `prepare` had succeeded: give back what was prepared.
  default void abandoned(PluginRef next) {}

  /// The registry no longer hands out this copy: close what is idle now and the rest as soon as its
  /// requests have ended, then give the leases back. The copy is unloaded after its last lease.
  default void retiring(PluginRef ref) {}
}
