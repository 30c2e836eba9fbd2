package org.tantra.host.resolve;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Answer;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.Media;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.api.TextRequest;
import org.tantra.api.Transcription;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.config.ConfigFolder;
import org.tantra.host.config.HostConfig;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.PluginListener;
import org.tantra.host.registry.PluginRef;
import org.tantra.host.weights.CheckpointPlace;
import org.tantra.host.weights.CheckpointStore;

/// The door of this package: what models and encoders there are, and answers from them.
public final class Models implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Models.class);

  private final ExtensionRegistry registry;
  private final ConfigFolder configs;
  private final CheckpointStore store;
  private final ModelCatalog catalog;
  private final LoadedModels loaded;
  private final Resolver resolver;
  private final FirstUse firstUse;
  private final HostConfig.Models config;

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
      HostConfig config,
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
            new ModelLoader(store, threads, compute, config.models().loadTimeout()),
            budget,
            new CircuitBreakers(clock),
            config.plugins().stopTimeout());
    this.resolver =
        new Resolver(configs, loaded, threads, config.models().answerTimeout(), lowResource);
    this.config = config.models();
  }

  /// What takes part in the plugins' life cycle, so that models follow their plugins.
  public PluginListener listener() {
    return loaded;
  }

  /// Continues a text; see [Resolver#answer].
  public TextAnswer generate(Call<TextRequest> call) {
    return new RunningText(answer(call, Job.text(call.request())));
  }

  /// Writes down what is said; see [Resolver#answer].
  public TranscriptAnswer transcribe(Call<Transcription.Request> call) {
    return new RunningTranscript(answer(call, Job.transcription(call.request())));
  }

  /// Speaks a text; see [Resolver#answer].
  public SpeechAnswer speak(Call<SpeechSynthesis.Request> call) {
    return new RunningSpeech(answer(call, Job.speech(call.request())));
  }

  /// Reads the text in an image; see [Resolver#answer].
  public Result<TextRecognition.Recognition> recognize(Call<TextRecognition.Image> call) {
    return whole(call, Job.recognition(call.request()));
  }

  /// Encodes items, all by the same encoder; see [Resolver#answer].
  public Result<List<TensorView>> embed(Call<List<Media>> call) {
    return whole(call, Job.embedding(call.request()));
  }

  private <R> Result<R> whole(Call<?> call, Job<Answer<R>> job) {
    try (RunningAnswer<R, Answer<R>> answer = answer(call, job)) {
      R value =
          answer
              .next()
              .orElseThrow(() -> new TantraException(ErrorKind.CANCELLED, "It was cancelled."));
      return new Result<>(answer.served(), value);
    }
  }

  private <P, A extends Answer<P>> RunningAnswer<P, A> answer(Call<?> call, Job<A> job) {
    List<KnownModel> chain = chain(call.model(), job);
    makeFirstWeights(chain.getFirst().id(), call.cancellation());
    return resolver.answer(chain, call, job);
  }

  /// Who is asked: whom the caller names, or configuration prefers, with the stand-ins; else
  /// everybody who is able.
  private List<KnownModel> chain(@Nullable String named, Job<?> job) {
    String first = named != null ? named : config.preferred(job.tasks());
    return first != null
        ? catalog.chain(new Point.Id(job.point(), first))
        : catalog.able(job.point(), job.tasks(), job.doing());
  }

  /// Looks whether what is loaded is still what the files say: configuration, active weights. What
  /// has changed is loaded beside it and takes over when it is ready. Called now and then.
  public void follow() {
    loaded.follow(catalog::find);
  }

  /// Loads what has this name, and waits for it; no stand-ins.
  ///
  /// @throws TantraException `NOT_FOUND` for an unknown model
  /// @throws UnservedException if it cannot be loaded
  public void load(String name, Cancellation cancellation) {
    for (KnownModel model : named(name)) {
      makeFirstWeights(model.id(), cancellation);
      switch (loaded.use(model, cancellation)) {
        case LoadedModels.Answer.Yes(LoadedInstance instance) -> loaded.release(instance);
        case LoadedModels.Answer.No(Attempt attempt) ->
            throw UnservedException.of(List.of(attempt), false);
      }
    }
  }

  /// A model, an encoder, or one of each; none if nobody has the name.
  private List<KnownModel> known(String name) {
    return Stream.of(Point.values())
        .flatMap(point -> catalog.find(new Point.Id(point, name)).stream())
        .toList();
  }

  /// The same, at least one.
  ///
  /// @throws TantraException `NOT_FOUND` if nobody has the name
  private List<KnownModel> named(String name) {
    List<KnownModel> found = known(name);
    return found.isEmpty()
        ? List.of(catalog.chain(new Point.Id(Point.MODEL, name)).getFirst()) // says what is known
        : found;
  }

  /// Gives a model that somebody names its first weights, if its configuration says so. A stand-in
  /// gets none: whoever did not ask for it had better be answered by the next one.
  private void makeFirstWeights(Point.Id id, Cancellation cancellation) {
    Optional<KnownModel> model = catalog.find(id);
    if (model.isEmpty() || !model.get().weights() || !configs.model(id.name()).generate()) {
      return;
    }
    try {
      if (store
          .find(id.name(), Optional.ofNullable(configs.model(id.name()).checkpoint()))
          .isEmpty()) {
        firstUse.makeWeights(id.name(), cancellation);
      }
    } catch (TantraException e) {
      if (e.kind() == ErrorKind.CANCELLED) {
        throw e;
      }
      log.warn("{} gets no first weights: {}", id.capital(), e.getMessage());
    }
  }

  /// Unloads a model once its requests have ended.
  ///
  /// @throws TantraException `NOT_FOUND` for an unknown model
  public void unload(String name) {
    named(name).forEach(model -> loaded.unload(model.id()));
  }

  /// Every model and encoder, by name; one line for both if a name is a model's and an encoder's.
  public List<ModelStatus> statuses() {
    Map<String, List<ModelStatus>> byName = new TreeMap<>();
    catalog
        .all()
        .forEach(
            model ->
                byName.computeIfAbsent(model.name(), _ -> new ArrayList<>()).add(status(model)));
    return byName.values().stream().map(Models::oneLine).toList();
  }

  /// The model or encoder of that name.
  public Optional<ModelStatus> status(String name) {
    List<ModelStatus> found = known(name).stream().map(this::status).toList();
    return found.isEmpty() ? Optional.empty() : Optional.of(oneLine(found));
  }

  private static ModelStatus oneLine(List<ModelStatus> statuses) {
    return statuses.stream().reduce(ModelStatus::and).orElseThrow();
  }

  /// Models that must be loaded before the host is ready, and are not.
  public List<String> missingRequired() {
    List<String> missing = new ArrayList<>();
    for (String id : configs.ids()) {
      if (required(id) && !isLoaded(id)) {
        missing.add(id);
      }
    }
    return missing;
  }

  private boolean isLoaded(String name) {
    List<KnownModel> known = known(name);
    return !known.isEmpty()
        && known.stream().allMatch(model -> loaded.look(model.id()).instance() != null);
  }

  private boolean required(String id) {
    try {
      return configs.model(id).required();
    } catch (TantraException _) {
      return false; // its file is wrong and is reported as such
    }
  }

  private ModelStatus status(KnownModel model) {
    Point.Id id = model.id();
    PluginRef plugin =
        registry.list(id.point().type()).stream()
            .filter(entry -> entry.id().equals(id.name()))
            .map(ExtensionRegistry.Entry::plugin)
            .findFirst()
            .orElse(null);
    List<String> chain;
    String detail;
    ModelStatus.State state;
    LoadedModels.Look look = loaded.look(id);
    LoadedInstance instance = look.instance();
    try {
      chain = catalog.chain(id).stream().map(KnownModel::name).toList();
      if (plugin == null) {
        state = ModelStatus.State.UNAVAILABLE;
        detail = "No running plugin contributes it; plugin '" + model.plugin() + "' did.";
      } else if (instance != null) {
        String behind = look.behind();
        state = ModelStatus.State.READY;
        detail = behind == null ? "" : "It serves what it had before the last change: " + behind;
      } else if (look.stage() != null) {
        state = ModelStatus.State.LOADING;
        detail = look.stage();
      } else {
        Optional<String> configured = Optional.ofNullable(configs.model(id.name()).checkpoint());
        Optional<CheckpointPlace> place =
            model.weights() ? store.find(id.name(), configured) : Optional.empty();
        boolean lacks = model.weights() && place.isEmpty();
        state = lacks ? ModelStatus.State.UNAVAILABLE : ModelStatus.State.LOADABLE;
        detail = lacks ? LoadedModels.noWeights(id, configured) : "";
      }
    } catch (TantraException e) { // its configuration is wrong
      chain = List.of(id.name());
      state = ModelStatus.State.UNAVAILABLE;
      detail =
          e.kind() == ErrorKind.INTERNAL
              ? "Internal error: " + e.getMessage()
              : String.valueOf(e.getMessage());
    }
    return new ModelStatus(
        id.name(),
        model.title(),
        model.tasks(),
        plugin,
        state,
        detail,
        chain,
        model.weights(),
        instance == null ? null : instance.fingerprint(),
        instance == null ? 0 : instance.parameters(),
        instance == null ? 0 : instance.residentBytes(),
        instance == null ? 0 : Math.toIntExact(instance.uses().users()));
  }

  /// Unloads everything.
  @Override
  public void close() {
    loaded.close();
  }
}
