package org.tantra.host.http;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.Media;
import org.tantra.api.ParityCheck;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.api.TextRequest;
import org.tantra.api.Transcription;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.Host;
import org.tantra.host.PluginFigures;
import org.tantra.host.config.Configurations;
import org.tantra.host.config.HostConfig;
import org.tantra.host.config.NoConfigurations;
import org.tantra.host.registry.PluginRef;
import org.tantra.host.registry.PluginStatus;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.FakeMedia;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.resolve.Result;
import org.tantra.host.resolve.Served;
import org.tantra.host.resolve.SpeechAnswer;
import org.tantra.host.resolve.TextAnswer;
import org.tantra.host.resolve.TranscriptAnswer;
import org.tantra.host.resolve.Unserved;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.WeightFiles;

/// A host whose models do what a test tells them to. Knows its calls and which answers were given
/// back.
final class FakeHost implements Host {
  static final PluginRef PLUGIN = new PluginRef("fake", "1.2.3", 1);

  private final Map<String, Function<Call<TextRequest>, TextAnswer>> models = new LinkedHashMap<>();
  private final int concurrent;
  final BlockingQueue<Call<TextRequest>> calls = new LinkedBlockingQueue<>();
  final Semaphore ended = new Semaphore(0);
  final FakeMedia media = new FakeMedia();
  volatile boolean ready = true;

  FakeHost() {
    this(8);
  }

  FakeHost(int concurrent) {
    this.concurrent = concurrent;
  }

  /// A model that says pieces.
  FakeHost says(String id, String... pieces) {
    models.put(id, call -> answer(call, served(id, id, List.of()), List.of(pieces), null, false));
    return this;
  }

  /// A model in whose place another one says pieces.
  FakeHost standsIn(String id, String standIn, String... pieces) {
    List<Attempt> attempts =
        List.of(new Attempt(id, Attempt.Kind.NO_WEIGHTS, "There is no checkpoint."));
    models.put(
        id,
        call -> {
          if (!call.fallback()) {
            throw new TantraException(ErrorKind.NOT_FOUND, "There is no checkpoint.");
          }
          return answer(call, served(id, standIn, attempts), List.of(pieces), null, false);
        });
    return says(standIn, pieces);
  }

  /// A model that fails before its first piece.
  FakeHost fails(String id, Throwable failure) {
    models.put(
        id,
        call -> {
          switch (failure) {
            case Error error -> throw error;
            case RuntimeException exception -> throw exception;
            default -> throw new IllegalArgumentException(failure);
          }
        });
    return this;
  }

  /// A model that says pieces and then fails.
  FakeHost breaks(String id, TantraException failure, String... pieces) {
    models.put(
        id, call -> answer(call, served(id, id, List.of()), List.of(pieces), failure, false));
    return this;
  }

  /// A model that says pieces and then nothing more until it is cancelled.
  FakeHost hangs(String id, String... pieces) {
    models.put(id, call -> answer(call, served(id, id, List.of()), List.of(pieces), null, true));
    return this;
  }

  /// A model that says a piece, and the others only once nobody wants them any more.
  FakeHost dawdles(String id, String... pieces) {
    models.put(
        id,
        call ->
            new FakeAnswer(
                served(id, id, List.of()),
                call.request(),
                List.of(pieces),
                null,
                false,
                piece -> {
                  if (piece > 0) {
                    awaitCancellation(call);
                  }
                },
                ended::release));
    return this;
  }

  /// A model that goes once it has answered the first choice; another one stands in from then on.
  FakeHost goes(String id, String standIn, String... pieces) {
    standsIn(id, standIn, pieces);
    Function<Call<TextRequest>, TextAnswer> gone = Objects.requireNonNull(models.get(id));
    AtomicInteger answered = new AtomicInteger();
    models.put(
        id,
        call ->
            answered.getAndIncrement() == 0
                ? answer(call, served(id, id, List.of()), List.of("first"), null, false)
                : gone.apply(call));
    return this;
  }

  /// A model that loads until it is cancelled.
  FakeHost loadsUntilCancelled(String id) {
    models.put(
        id,
        call -> {
          try {
            awaitCancellation(call);
          } finally {
            ended.release();
          }
          throw new TantraException(ErrorKind.CANCELLED, "Cancelled while loading.");
        });
    return this;
  }

  /// A model whose chain nobody answers.
  FakeHost unserved(String id, Attempt... attempts) {
    return fails(id, Unserved.by(List.of(attempts)));
  }

  @Override
  public TextAnswer generate(Call<TextRequest> call) {
    calls.add(call);
    Function<Call<TextRequest>, TextAnswer> model = models.get(call.model());
    if (model == null) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no model '" + call.model() + "'.")
          .withCode("model_not_found");
    }
    return model.apply(call);
  }

  private TextAnswer answer(
      Call<TextRequest> call,
      Served served,
      List<String> pieces,
      @Nullable TantraException failure,
      boolean hangs) {
    return new FakeAnswer(served, call.request(), pieces, failure, hangs, _ -> {}, ended::release);
  }

  private static void awaitCancellation(Call<TextRequest> call) {
    while (!call.cancellation().cancelled()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static Served served(String requested, String model, List<Attempt> attempts) {
    return new Served(requested, model, PLUGIN, "1@sha256:0123456789ab", false, attempts);
  }

  @Override
  public HostConfig config() {
    HostConfig standard = HostConfig.read(Path.of("no such file"));
    HostConfig.Models models = standard.models();
    return new HostConfig(
        standard.http(),
        standard.plugins(),
        new HostConfig.Models(
            models.standard(),
            models.preferred(),
            models.lowResource(),
            models.budgetBytes(),
            models.loadTimeout(),
            models.answerTimeout(),
            models.threads(),
            concurrent),
        standard.weights());
  }

  @Override
  public Configurations configs() {
    return NoConfigurations.make();
  }

  @Override
  public Map<String, String> configProblems() {
    return Map.of();
  }

  static HostConfig.Http http(List<String> keys, List<String> origins, int queue) {
    return new HostConfig.Http("127.0.0.1", 0, keys, origins, 1 << 16, queue, List.of());
  }

  @Override
  public Path home() {
    return Path.of("home");
  }

  @Override
  public List<ModelStatus> models() {
    return models.keySet().stream().map(FakeHost::status).toList();
  }

  @Override
  public Optional<ModelStatus> model(String id) {
    return models.containsKey(id) ? Optional.of(status(id)) : Optional.empty();
  }

  private static ModelStatus status(String id) {
    return new ModelStatus(
        id,
        "A model called " + id,
        Set.of("text"),
        PLUGIN,
        ModelStatus.State.READY,
        "",
        List.of(id, "small"),
        true,
        "1@sha256:0123456789ab",
        1024,
        4096,
        0);
  }

  @Override
  public TranscriptAnswer transcribe(Call<Transcription.Request> call) {
    return media.transcribe(call);
  }

  @Override
  public SpeechAnswer speak(Call<SpeechSynthesis.Request> call) {
    return media.speak(call);
  }

  @Override
  public Result<TextRecognition.Recognition> recognize(Call<TextRecognition.Image> call) {
    return media.recognize(call);
  }

  @Override
  public Result<List<TensorView>> embed(Call<List<Media>> call) {
    return media.embed(call);
  }

  @Override
  public ModelStatus load(String id) {
    return status(id);
  }

  @Override
  public void unload(String id) {}

  @Override
  public List<PluginStatus> plugins() {
    return List.of(
        new PluginStatus(
            Path.of("plugins/fake.jar"),
            "fake",
            "1.2.3",
            PluginStatus.State.ACTIVE,
            "",
            Map.of("Model", new TreeSet<>(List.of("gpt2"))),
            1,
            Instant.EPOCH));
  }

  @Override
  public void scanPlugins() {}

  @Override
  public PluginFigures pluginFigures() {
    return new PluginFigures(0, 0, 0, List.of());
  }

  @Override
  public PluginFigures pluginFiguresAfterCollection(Duration limit) {
    return pluginFigures();
  }

  @Override
  public List<ParityCheck.Finding> parity(Path folder) {
    return List.of();
  }

  @Override
  public WeightFiles weights() {
    throw new UnsupportedOperationException("weights");
  }

  @Override
  public WeightStore store() {
    throw new UnsupportedOperationException("store");
  }

  @Override
  public Readiness readiness() {
    return new Readiness(ready, ready ? List.of() : List.of("gpt2 is loading"));
  }

  @Override
  public void close() {}
}
