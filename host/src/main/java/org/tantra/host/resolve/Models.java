package org.tantra.host.resolve;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.Model;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.config.ConfigFolder;
import org.tantra.host.config.HostConfig;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.PluginListener;
import org.tantra.host.registry.PluginRef;
import org.tantra.host.weights.CheckpointPlace;
import org.tantra.host.weights.CheckpointStore;

/// The door of this package: what models there are, and answers from them.
public final class Models implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Models.class);

  private final ExtensionRegistry registry;
  private final ConfigFolder configs;
  private final CheckpointStore store;
  private final ModelCatalog catalog;
  private final LoadedModels loaded;
  private final Resolver resolver;
  private final FirstUse firstUse;

  /// @param firstUse makes weights for models that have none and want them made
  /// @param lowResource whether candidates for small machines are preferred
  public Models(
      ExtensionRegistry registry,
      ConfigFolder configs,
      CheckpointStore store,
      ModelCatalog catalog,
      PluginThreads threads,
      Compute compute,
      MemoryBudget budget,
      HostConfig.Models config,
      boolean lowResource,
      FirstUse firstUse,
      InstantSource clock) {
    this.firstUse = firstUse;
    this.registry = registry;
    this.configs = configs;
    this.store = store;
    this.catalog = catalog;
    this.loaded =
        new LoadedModels(
            registry,
            configs,
            store,
            new ModelLoader(store, threads, compute, config.loadTimeout()),
            budget,
            new CircuitBreakers(clock));
    this.resolver =
        new Resolver(catalog, configs, loaded, threads, config.answerTimeout(), lowResource);
  }

  /// What takes part in the plugins' life cycle, so that models follow their plugins.
  public PluginListener listener() {
    return loaded;
  }

  /// See [Resolver#generate(TextCall)].
  public TextAnswer generate(TextCall call) {
    makeFirstWeights(call.model(), call.cancellation());
    return resolver.generate(call);
  }

  /// Loads a model and waits for it; no stand-ins.
  ///
  /// @throws TantraException `NOT_FOUND` for an unknown model
  /// @throws UnservedException if it cannot be loaded
  public void load(String id, Cancellation cancellation) {
    KnownModel model = catalog.chain(id).getFirst();
    makeFirstWeights(id, cancellation);
    switch (loaded.use(model, cancellation)) {
      case LoadedModels.Answer.Yes(LoadedInstance instance) -> loaded.release(instance);
      case LoadedModels.Answer.No(Attempt attempt) ->
          throw UnservedException.of(List.of(attempt), false);
    }
  }

  /// Gives a model that somebody names its first weights, if its configuration says so. A stand-in
  /// gets none: whoever did not ask for it had better be answered by the next one.
  private void makeFirstWeights(String id, Cancellation cancellation) {
    Optional<KnownModel> model = catalog.find(id);
    if (model.isEmpty() || !model.get().weights() || !configs.model(id).generate()) {
      return;
    }
    try {
      if (store.find(id, Optional.ofNullable(configs.model(id).checkpoint())).isEmpty()) {
        firstUse.makeWeights(id, cancellation);
      }
    } catch (TantraException e) {
      if (e.kind() == ErrorKind.CANCELLED) {
        throw e;
      }
      log.warn("Model '{}' gets no first weights: {}", id, e.getMessage());
    }
  }

  /// Unloads a model once its requests have ended.
  ///
  /// @throws TantraException `NOT_FOUND` for an unknown model
  public void unload(String id) {
    catalog.chain(id);
    loaded.unload(id);
  }

  /// Every model, by id.
  public List<ModelStatus> statuses() {
    return catalog.all().stream().map(this::status).toList();
  }

  /// The model of that id.
  public Optional<ModelStatus> status(String id) {
    return catalog.find(id).map(this::status);
  }

  /// Models that must be loaded before the host is ready, and are not.
  public List<String> missingRequired() {
    List<String> missing = new ArrayList<>();
    for (String id : configs.ids()) {
      if (required(id) && loaded.look(id).instance() == null) {
        missing.add(id);
      }
    }
    return missing;
  }

  private boolean required(String id) {
    try {
      return configs.model(id).required();
    } catch (TantraException _) {
      return false; // its file is wrong and is reported as such
    }
  }

  private ModelStatus status(KnownModel model) {
    String id = model.id();
    PluginRef plugin =
        registry.list(Model.class).stream()
            .filter(entry -> entry.id().equals(id))
            .map(ExtensionRegistry.Entry::plugin)
            .findFirst()
            .orElse(null);
    List<String> chain;
    String detail;
    ModelStatus.State state;
    LoadedModels.Look look = loaded.look(id);
    LoadedInstance instance = look.instance();
    try {
      chain = catalog.chain(id).stream().map(KnownModel::id).toList();
      if (plugin == null) {
        state = ModelStatus.State.UNAVAILABLE;
        detail = "No running plugin contributes it; plugin '" + model.plugin() + "' did.";
      } else if (instance != null) {
        state = ModelStatus.State.READY;
        detail = "";
      } else if (look.stage() != null) {
        state = ModelStatus.State.LOADING;
        detail = look.stage();
      } else {
        Optional<String> configured = Optional.ofNullable(configs.model(id).checkpoint());
        Optional<CheckpointPlace> place =
            model.weights() ? store.find(id, configured) : Optional.empty();
        boolean lacks = model.weights() && place.isEmpty();
        state = lacks ? ModelStatus.State.UNAVAILABLE : ModelStatus.State.LOADABLE;
        detail = lacks ? LoadedModels.noWeights(id, configured) : "";
      }
    } catch (TantraException e) { // its configuration is wrong
      chain = List.of(id);
      state = ModelStatus.State.UNAVAILABLE;
      detail =
          e.kind() == ErrorKind.INTERNAL
              ? "Internal error: " + e.getMessage()
              : String.valueOf(e.getMessage());
    }
    return new ModelStatus(
        id,
        model.title(),
        model.tasks(),
        plugin,
        state,
        detail,
        chain,
        model.weights(),
        instance == null ? null : instance.fingerprint(),
        instance == null ? 0 : instance.residentBytes(),
        instance == null ? 0 : Math.toIntExact(instance.uses().users()));
  }

  /// Unloads everything.
  @Override
  public void close() {
    loaded.close();
  }
}
