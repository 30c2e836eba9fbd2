package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Compute;
import org.tantra.api.LoadedModel;
import org.tantra.api.WeightPlan;
import org.tantra.host.concurrent.PluginCall;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.registry.Lease;
import org.tantra.host.weights.CheckpointStore;
import org.tantra.host.weights.OpenCheckpoint;

/// Loads and closes models and encoders, on threads of their plugins and within time limits.
final class ModelLoader {
  private static final Logger log = LoggerFactory.getLogger(ModelLoader.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  private final CheckpointStore store;
  private final PluginThreads threads;
  private final Compute compute;
  private final Duration loadTimeout;

  ModelLoader(CheckpointStore store, PluginThreads threads, Compute compute, Duration loadTimeout) {
    this.store = store;
    this.threads = threads;
    this.compute = compute;
    this.loadTimeout = loadTimeout;
  }

  /// Loads a model; waits for it.
  ///
  /// @param lease goes to the instance, or back if loading fails
  /// @throws org.tantra.api.TantraException saying why it was not loaded
  LoadedInstance load(
      Point.Id id,
      Lease<? extends WeightPlan.Maker> lease,
      LoadedInstance.Basis basis,
      LoadProgress progress) {
    long began = System.nanoTime();
    ModelLoadContext context = new ModelLoadContext(id, basis, store, compute, progress);
    LoadedModel loaded = null;
    try {
      // The loading thread holds a lease of its own: should it hang, its classes stay until it
      // ends.
      var own = lease.again("loading " + id);
      LoadedModel model =
          threads.compute(
              calling(lease, "loading " + id, loadTimeout),
              () -> {
                try (own) {
                  return Point.load(own.get(), context);
                }
              },
              LoadedModel::close);
      loaded = model;
      PluginCall looking = calling(lease, "describing loaded " + id, CLOSE_LIMIT);
      LoadedInstance instance =
          new LoadedInstance(
              id,
              lease,
              model,
              context.checkpoints(),
              basis,
              threads.call(
                  looking, () -> requireNonNull(model.fingerprint(), "fingerprint() gave null")),
              threads.call(
                  looking,
                  () -> context.checkpoints().stream().mapToLong(OpenCheckpoint::parameters).sum()),
              Math.max(0, threads.call(looking, model::residentBytes)));
      log.info(
          "Loaded {} of plugin {}: {} bytes in {} ms",
          id,
          lease.plugin(),
          instance.residentBytes(),
          (System.nanoTime() - began) / 1_000_000);
      return instance;
    } catch (RuntimeException | Error e) {
      context.cancel();
      if (loaded != null) {
        close(id, lease, loaded);
      }
      context.checkpoints().reversed().forEach(OpenCheckpoint::close);
      lease.close();
      throw e;
    }
  }

  /// Asks the plugin whether a freshly loaded model answers as it should.
  ///
  /// @throws org.tantra.api.TantraException if it does not
  void verify(LoadedInstance instance) {
    threads.compute(
        calling(instance.lease(), "verifying " + instance.id(), loadTimeout),
        () -> {
          Point.verify(instance.lease().get(), instance.model());
          return true;
        },
        _ -> {});
  }

  /// Lets nobody new in, and closes after the last user.
  ///
  /// @return completes once it is closed
  CompletableFuture<Void> retire(LoadedInstance instance) {
    return instance
        .uses()
        .retire()
        .thenRunAsync(
            () -> {
              close(instance.id(), instance.lease(), instance.model());
              instance.release();
              log.info("Closed {} of plugin {}", instance.id(), instance.lease().plugin());
            },
            task -> Thread.ofVirtual().name("close-" + instance.id().name()).start(task));
  }

  private void close(Point.Id id, Lease<? extends WeightPlan.Maker> lease, LoadedModel model) {
    try {
      threads.call(
          calling(lease, "closing " + id, CLOSE_LIMIT),
          () -> {
            model.close();
            return true;
          });
    } catch (RuntimeException e) {
      log.warn("{} did not close cleanly: {}", id.capital(), e.getMessage());
    }
  }

  private static PluginCall calling(Lease<?> lease, String doing, Duration limit) {
    return new PluginCall(lease.plugin().toString(), lease.contextClassLoader(), doing, limit);
  }
}
