package org.tantra.host.resolve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFormat;
import org.tantra.api.WeightPlan;
import org.tantra.host.config.ConfigFolder;
import org.tantra.host.config.ModelConfig;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.Lease;
import org.tantra.host.registry.PluginListener;
import org.tantra.host.registry.PluginRef;
import org.tantra.host.weights.CheckpointPlace;
import org.tantra.host.weights.CheckpointStore;

/// The models and encoders in memory: each loaded once, shared by its requests, closed after the
/// last of them.
///
/// A model is loaded anew, beside the old one, when its configuration or weights have changed; the
/// old one serves until the new one is ready, and goes on serving if that fails. When its plugin is
/// updated, the new copy's model is loaded and verified before the update counts.
///
/// Longer than most classes: the lock of a slot guards which copy serves, which is loading and
/// which is leaving, and several classes with parts of that state would have to share it.
final class LoadedModels implements PluginListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LoadedModels.class);
  private static final long LOOK_MILLIS = 50;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  /// What is in memory for one model or encoder. Every field is guarded by the slot.
  private static final class Slot {
    @Nullable LoadedInstance current;
    @Nullable LoadedInstance prepared;
    @Nullable Load load;
    @Nullable String behind; // why what has changed is not loaded

    /// A use of the current instance if it stands on this plugin copy.
    Optional<LoadedInstance> use(PluginRef plugin) {
      return current != null
              && current.basis().plugin().equals(plugin)
              && current.uses().tryAcquire()
          ? Optional.of(current)
          : Optional.empty();
    }

    /// Lets the prepared instance of this copy take over: the registry already hands out the copy.
    void promote(PluginRef running, ModelLoader loader) {
      if (prepared != null && prepared.basis().plugin().equals(running)) {
        replace(prepared, loader);
        prepared = null;
      }
    }

    void replace(@Nullable LoadedInstance next, ModelLoader loader) {
      if (current != null) {
        var _ = loader.retire(current);
      }
      current = next;
      behind = null;
    }

    /// Notes why the current one still serves although something has changed.
    void stay(Point.Id id, String reason) {
      if (current != null && !reason.equals(behind)) {
        behind = reason;
        log.warn("{} goes on with what it had before: {}", id.capital(), reason);
      }
    }
  }

  /// A load under way; compared by identity.
  private static final class Load {
    final PluginRef plugin;
    final long bytes; // of its weights, set aside in the budget meanwhile
    final CompletableFuture<LoadedInstance> result = new CompletableFuture<>();
    final LoadProgress progress = new LoadProgress();

    Load(PluginRef plugin, long bytes) {
      this.plugin = plugin;
      this.bytes = bytes;
    }
  }

  private final ExtensionRegistry registry;
  private final ConfigFolder configs;
  private final CheckpointStore store;
  private final ModelLoader loader;
  private final MemoryBudget budget;
  private final CircuitBreakers breakers;
  private final Duration closeLimit;
  private final Map<Point.Id, Slot> slots = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /// @param stopTimeout how long models may go on answering when the host closes; at most
  ///   [#CLOSE_LIMIT]
  LoadedModels(
      ExtensionRegistry registry,
      ConfigFolder configs,
      CheckpointStore store,
      ModelLoader loader,
      MemoryBudget budget,
      CircuitBreakers breakers,
      Duration stopTimeout) {
    this.registry = registry;
    this.configs = configs;
    this.store = store;
    this.loader = loader;
    this.budget = budget;
    this.breakers = breakers;
    this.closeLimit = stopTimeout.compareTo(CLOSE_LIMIT) < 0 ? stopTimeout : CLOSE_LIMIT;
  }

  /// What [#ask] answers.
  sealed interface Asked {}

  /// It is being loaded; ask again when that has ended.
  record Wait(CompletableFuture<LoadedInstance> load) implements Asked {}

  /// The answer to "may I use this model now".
  sealed interface Answer extends Asked {
    /// Yes: one use is held, to be given back with [LoadedModels#release].
    record Yes(LoadedInstance instance) implements Answer {}

    record No(Attempt attempt) implements Answer {}
  }

  /// Takes a use of a model, loading it first if need be.
  ///
  /// @throws TantraException `CANCELLED` if the caller has gone meanwhile; `INVALID` if the model's
  ///   configuration is wrong
  Answer use(KnownModel model, Cancellation cancellation) {
    while (true) {
      switch (ask(model, true)) {
        case Answer answer -> {
          return answer;
        }
        case Wait(var load) -> {
          Optional<Attempt> failed = await(model.name(), load, cancellation);
          if (failed.isPresent()) {
            return new Answer.No(failed.get());
          }
        }
      }
    }
  }

  /// Looks whether what is in memory is still what configuration and store say, and begins to load
  /// what has changed. For whoever has no request at hand.
  void follow(Function<Point.Id, Optional<KnownModel>> known) {
    for (Point.Id id : slots.keySet()) {
      Optional<KnownModel> model = look(id).instance() == null ? Optional.empty() : known.apply(id);
      if (model.isPresent() && ask(model.get(), false) instanceof Answer.Yes(var instance)) {
        instance.uses().release();
      }
    }
  }

  /// @param used whether somebody wants to use it, which counts when one is to be evicted
  private Asked ask(KnownModel model, boolean used) {
    Point.Id id = model.id();
    Optional<? extends Lease<? extends WeightPlan.Maker>> found =
        id.point().lease(registry, id.name());
    if (found.isEmpty()) {
      return no(id, Attempt.Kind.NO_PLUGIN, "No running plugin contributes the " + id + ".");
    }
    Lease<? extends WeightPlan.Maker> lease = found.get();
    boolean leaseIsTaken = false;
    try {
      ModelConfig config = configs.model(id.name());
      Optional<String> configured = Optional.ofNullable(config.checkpoint());
      Optional<CheckpointPlace> place;
      try {
        place = model.weights() ? store.find(id.name(), configured) : Optional.empty();
      } catch (TantraException e) { // several files, a broken index, a shard that is not there yet
        return no(id, Attempt.Kind.NO_WEIGHTS, e.getMessage());
      }
      boolean noWeights = model.weights() && place.isEmpty();
      var basis = new LoadedInstance.Basis(lease.plugin(), config, place.orElse(null));
      Optional<String> resting = breakers.resting(id, basis);
      Slot slot = slots.computeIfAbsent(id, _ -> new Slot());
      Optional<LoadedInstance> serving;
      synchronized (slot) {
        slot.promote(lease.plugin(), loader);
        serving = slot.use(lease.plugin());
        boolean same = serving.isPresent() && serving.get().basis().equals(basis);
        if (resting.isPresent() && (same || serving.isEmpty())) {
          serving.ifPresent(instance -> instance.uses().release());
          return no(id, Attempt.Kind.CIRCUIT_OPEN, id.capital() + " " + resting.get());
        }
        if (serving.isPresent() && (same || noWeights || resting.isPresent())) {
          return yes(serving.get(), used);
        }
        if (serving.isEmpty() && !used) {
          return no(id, Attempt.Kind.POLICY, "Nobody wants to use it.");
        }
        if (serving.isEmpty() && slot.load != null) {
          return new Wait(slot.load.result);
        }
      }
      if (noWeights) {
        return no(id, Attempt.Kind.NO_WEIGHTS, noWeights(id, configured));
      }
      // Evicting takes the locks of other slots, so this one's is not held.
      Optional<Attempt> refusal = tooLarge(model, place);
      synchronized (slot) {
        if (refusal.isEmpty() && slot.load == null && !closed) {
          slot.load = startLoad(slot, id, lease, basis);
          leaseIsTaken = true;
        }
        if (serving.isPresent()) { // the changed one is loaded beside it
          refusal.ifPresent(attempt -> slot.stay(id, attempt.reason()));
          return yes(serving.get(), used);
        }
        if (slot.load != null) {
          return new Wait(slot.load.result);
        }
      }
      return refusal
          .<Asked>map(Answer.No::new)
          .orElseGet(() -> no(id, Attempt.Kind.LOAD_FAILED, "The host is closing."));
    } finally {
      if (!leaseIsTaken) {
        lease.close();
      }
    }
  }

  private static Answer yes(LoadedInstance instance, boolean used) {
    if (used) {
      instance.touch();
    }
    return new Answer.Yes(instance);
  }

  private static Answer no(Point.Id id, Attempt.Kind kind, String reason) {
    return new Answer.No(new Attempt(id.name(), kind, reason));
  }

  /// Why a model without weights cannot answer.
  static String noWeights(Point.Id id, Optional<String> configured) {
    return "%s has no weights: nothing in '%s'. Put a checkpoint there, or name its place in paths.checkpoint of Config/%s.yaml."
        .formatted(id.capital(), CheckpointStore.lookedAt(id.name(), configured), id.name());
  }

  private Optional<Attempt> tooLarge(KnownModel model, Optional<CheckpointPlace> place) {
    long wanted =
        MemoryBudget.sum(place.map(CheckpointPlace::bytes).orElse(0L), model.minimumBytes());
    while (true) {
      // Reading other slots without their locks only makes the estimate one model older.
      List<LoadedInstance> held = new ArrayList<>();
      long loading = 0;
      for (Map.Entry<Point.Id, Slot> entry : slots.entrySet()) {
        Slot slot = entry.getValue();
        LoadedInstance current = slot.current;
        if (current != null) {
          held.add(current);
        }
        Load load = slot.load;
        if (load != null && !entry.getKey().equals(model.id())) {
          loading = MemoryBudget.sum(loading, load.bytes);
        }
      }
      Optional<String> lack = budget.lack(model.id(), wanted, loading, held);
      if (lack.isEmpty()) {
        return Optional.empty();
      }
      held.removeIf(instance -> instance.basis().config().required());
      Optional<LoadedInstance> idle = budget.evictable(model.id(), held);
      if (idle.isEmpty()) {
        return Optional.of(new Attempt(model.name(), Attempt.Kind.NO_MEMORY, lack.get()));
      }
      log.info("Evicting idle {} to make room for {}", idle.get().id(), model.id());
      unload(idle.get().id());
    }
  }

  private Load startLoad(
      Slot slot, Point.Id id, Lease<? extends WeightPlan.Maker> lease, LoadedInstance.Basis basis) {
    CheckpointPlace place = basis.place();
    Load load = new Load(basis.plugin(), place == null ? 0 : place.bytes());
    Thread.ofVirtual().name("load-" + id.name()).start(() -> load(slot, id, lease, basis, load));
    return load;
  }

  private void load(
      Slot slot,
      Point.Id id,
      Lease<? extends WeightPlan.Maker> lease,
      LoadedInstance.Basis basis,
      Load load) {
    try {
      LoadedInstance instance = loader.load(id, lease, basis, load.progress);
      boolean wanted;
      synchronized (slot) {
        // What was unloaded, replaced or pulled meanwhile must not come back by a load that was
        // late.
        wanted = slot.load == load && !closed && running(instance.plugins());
        if (wanted) {
          slot.replace(instance, loader);
        }
        if (slot.load == load) {
          slot.load = null;
        }
      }
      if (!wanted) {
        var _ = loader.retire(instance);
      }
      breakers.succeeded(id, basis);
      load.result.complete(instance);
    } catch (Throwable e) { // whoever waits must be told, whatever it was
      synchronized (slot) {
        if (slot.load == load) {
          slot.load = null;
          slot.stay(id, String.valueOf(e.getMessage()));
        }
      }
      breakers.loadFailed(id, basis, String.valueOf(e.getMessage()));
      log.warn("{} was not loaded: {}", id.capital(), e.getMessage());
      load.result.completeExceptionally(e);
    }
  }

  /// Whether the registry still hands out all of these copies.
  private boolean running(Set<PluginRef> plugins) {
    Set<PluginRef> running = new HashSet<>();
    for (Class<?> point : List.of(Point.MODEL.type(), Point.ENCODER.type(), WeightFormat.class)) {
      registry.list(point).forEach(entry -> running.add(entry.plugin()));
    }
    return running.containsAll(plugins);
  }

  /// Waits for a load.
  ///
  /// @return why it failed, or nothing
  private static Optional<Attempt> await(
      String id, CompletableFuture<LoadedInstance> load, Cancellation cancellation) {
    while (true) {
      cancellation.check();
      try {
        load.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return Optional.empty();
      } catch (TimeoutException _) {
        // look at the cancellation, then wait on
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TantraException(
            ErrorKind.CANCELLED, "Interrupted while '" + id + "' was loading.", e);
      } catch (ExecutionException e) {
        String reason = String.valueOf(e.getCause() == null ? e : e.getCause().getMessage());
        return Optional.of(new Attempt(id, Attempt.Kind.LOAD_FAILED, reason));
      }
    }
  }

  /// Gives a use back.
  void release(LoadedInstance instance) {
    instance.touch();
    instance.uses().release();
  }

  /// Notes that a model failed while answering.
  void answerFailed(LoadedInstance instance, String reason) {
    breakers.answerFailed(instance.id(), instance.basis(), reason);
  }

  /// Notes that a model has begun to answer.
  void answered(LoadedInstance instance) {
    breakers.succeeded(instance.id(), instance.basis());
  }

  /// What status lines show of a model's place in memory.
  ///
  /// @param instance null unless loaded
  /// @param stage what a load under way is doing; null if there is none
  /// @param behind why it is not what configuration and store say by now; null if it is
  record Look(@Nullable LoadedInstance instance, @Nullable String stage, @Nullable String behind) {}

  Look look(Point.Id id) {
    Slot slot = slots.get(id);
    if (slot == null) {
      return new Look(null, null, null);
    }
    synchronized (slot) {
      return new Look(
          slot.current, slot.load == null ? null : slot.load.progress.shown(), slot.behind);
    }
  }

  /// Drops a model; it is closed once its requests have ended.
  void unload(Point.Id id) {
    Slot slot = slots.get(id);
    if (slot != null) {
      synchronized (slot) {
        slot.replace(null, loader);
        slot.load = null; // one under way is given up when it ends
      }
    }
  }

  @Override
  public void prepare(PluginRef previous, PluginRef next, List<Incoming> extensions) {
    List<LoadedInstance> loaded = new ArrayList<>();
    try {
      for (Incoming incoming : extensions) {
        Point.Id id = new Point.Id(Point.of(incoming.point()), incoming.id());
        LoadedInstance current = look(id).instance();
        if (current == null || !current.basis().plugin().equals(previous)) {
          incoming.lease().close(); // not in memory: the new copy loads it when it is asked for
          continue;
        }
        var basis =
            new LoadedInstance.Basis(next, current.basis().config(), current.basis().place());
        LoadedInstance fresh = loader.load(id, incoming.lease(), basis, new LoadProgress());
        loaded.add(fresh);
        loader.verify(fresh);
      }
    } catch (RuntimeException e) {
      // The copy is unloaded right after this: all that was loaded of it must be closed by then.
      awaitClosed(loaded.stream().map(loader::retire).toList(), CLOSE_LIMIT);
      throw e;
    }
    for (LoadedInstance fresh : loaded) {
      Slot slot = slots.computeIfAbsent(fresh.id(), _ -> new Slot());
      synchronized (slot) {
        slot.prepared = fresh;
      }
    }
  }

  @Override
  public void abandoned(PluginRef next) {
    for (Slot slot : slots.values()) {
      synchronized (slot) {
        if (slot.prepared != null && slot.prepared.basis().plugin().equals(next)) {
          var _ = loader.retire(slot.prepared);
          slot.prepared = null;
        }
      }
    }
  }

  @Override
  public void retiring(PluginRef ref) {
    for (Slot slot : slots.values()) {
      synchronized (slot) {
        if (slot.load != null && slot.load.plugin.equals(ref)) {
          slot.load = null; // given up when it ends
        }
        if (slot.current != null && slot.current.plugins().contains(ref)) {
          slot.replace(slot.prepared, loader);
          slot.prepared = null;
        }
      }
    }
  }

  /// Unloads everything; returns once all is closed, or after a limit.
  @Override
  public void close() {
    closed = true;
    List<CompletableFuture<Void>> closing = new ArrayList<>();
    for (Slot slot : slots.values()) {
      synchronized (slot) {
        for (LoadedInstance instance :
            Stream.of(slot.current, slot.prepared).filter(Objects::nonNull).toList()) {
          closing.add(loader.retire(instance));
        }
        slot.current = null;
        slot.prepared = null;
        slot.load = null;
      }
    }
    awaitClosed(closing, closeLimit);
  }

  private static void awaitClosed(List<CompletableFuture<Void>> closing, Duration limit) {
    try {
      CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new))
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("Models are still answering while they should close: {}", e.toString());
    }
  }
}
