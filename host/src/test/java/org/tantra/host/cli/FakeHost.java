package org.tantra.host.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Media;
import org.tantra.api.ParityCheck;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.api.TextRequest;
import org.tantra.api.Transcription;
import org.tantra.api.Usage;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;
import org.tantra.host.PluginFigures;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.config.Configurations;
import org.tantra.host.config.HostConfig;
import org.tantra.host.config.NoConfigurations;
import org.tantra.host.registry.ExtensionRegistry;
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
import org.tantra.host.store.SimplePlugins;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.WeightConverter;
import org.tantra.host.weights.WeightFiles;
import org.tantra.host.weights.WeightGenerator;
import org.tantra.host.weights.WeightOpener;

/// A host without plugins: says what a test told it to say, and remembers what it was asked.
final class FakeHost implements Host {
  private static final PluginRef PLUGIN = new PluginRef("fake", "1.2.0", 7);

  final HostOptions options;
  final List<Call<TextRequest>> calls = new ArrayList<>();
  final Map<String, PluginStatus> plugins = new LinkedHashMap<>();
  final Map<String, ModelStatus> models = new LinkedHashMap<>();
  final FakeMedia media = new FakeMedia();
  List<String> pieces = List.of("Once", " upon", " a time");
  List<Attempt> attempts = List.of();
  Optional<TantraException> failure = Optional.empty();
  List<ParityCheck.Finding> findings = List.of();
  Runnable onScan = () -> {};
  boolean closed;

  FakeHost(HostOptions options) {
    this.options = options;
  }

  void plugin(String file, String id, PluginStatus.State state, String message) {
    plugin(file, id, state, message, 7);
  }

  void plugin(String file, String id, PluginStatus.State state, String message, long copy) {
    plugins.put(
        file,
        new PluginStatus(
            options.home().resolve("plugins").resolve(file),
            id,
            "1.2.0",
            state,
            message,
            Map.of("Model", new TreeSet<>(Set.of("gpt2"))),
            copy,
            Instant.EPOCH));
  }

  void model(String id, ModelStatus.State state, String detail, String... chain) {
    models.put(
        id,
        new ModelStatus(
            id,
            "Title of " + id,
            Set.of("text"),
            state == ModelStatus.State.UNAVAILABLE ? null : PLUGIN,
            state,
            detail,
            List.of(chain),
            true,
            null,
            0,
            0,
            0));
  }

  @Override
  public HostConfig config() {
    return HostConfig.read(Path.of("no such file"));
  }

  @Override
  public Path home() {
    return options.home();
  }

  @Override
  public Configurations configs() {
    return NoConfigurations.make();
  }

  @Override
  public Map<String, String> configProblems() {
    return Map.of();
  }

  @Override
  public List<ModelStatus> models() {
    return List.copyOf(models.values());
  }

  @Override
  public Optional<ModelStatus> model(String id) {
    return Optional.ofNullable(models.get(id));
  }

  @Override
  public TextAnswer generate(Call<TextRequest> call) {
    calls.add(call);
    failure.ifPresent(
        error -> {
          throw error;
        });
    String asked = Objects.requireNonNull(call.model());
    String model = attempts.isEmpty() ? asked : "text-lite";
    return new Answer(new Served(asked, model, PLUGIN, "abc", false, attempts), pieces);
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
    throw new UnsupportedOperationException(id);
  }

  @Override
  public void unload(String id) {
    throw new UnsupportedOperationException(id);
  }

  @Override
  public List<PluginStatus> plugins() {
    return List.copyOf(plugins.values());
  }

  @Override
  public void scanPlugins() {
    onScan.run();
    plugins.values().removeIf(plugin -> !plugin.file().toFile().exists());
  }

  @Override
  public PluginFigures pluginFigures() {
    throw new UnsupportedOperationException();
  }

  @Override
  public PluginFigures pluginFiguresAfterCollection(Duration limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<ParityCheck.Finding> parity(Path folder) {
    return findings;
  }

  @Override
  public WeightFiles weights() {
    ExtensionRegistry none = new ExtensionRegistry();
    WeightOpener opener = new WeightOpener(none);
    WeightConverter converter = new WeightConverter(opener, none);
    return new WeightFiles(
        opener, converter, new WeightGenerator(none, new PluginThreads(1), converter));
  }

  @Override
  public WeightStore store() {
    return new WeightStore(options.home(), new SimplePlugins(), InstantSource.system());
  }

  @Override
  public Readiness readiness() {
    return new Readiness(true, List.of());
  }

  @Override
  public void close() {
    closed = true;
  }

  private static final class Answer implements TextAnswer {
    private final Served served;
    private final Deque<String> pieces;
    private int tokens;

    Answer(Served served, List<String> pieces) {
      this.served = served;
      this.pieces = new ArrayDeque<>(pieces);
    }

    @Override
    public Served served() {
      return served;
    }

    @Override
    public Optional<Generation.Piece> next() {
      tokens++;
      return Optional.ofNullable(pieces.poll()).map(text -> new Generation.Piece(text, List.of()));
    }

    @Override
    public void cancel() {
      pieces.clear();
    }

    @Override
    public FinishReason finishReason() {
      return FinishReason.STOP;
    }

    @Override
    public Usage usage() {
      return Usage.of(2, tokens);
    }

    @Override
    public List<Generation.Token> promptTokens() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
