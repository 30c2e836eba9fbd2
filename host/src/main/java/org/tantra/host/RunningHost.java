package org.tantra.host;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.ProvisionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Media;
import org.tantra.api.ParityCheck;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.api.TextRequest;
import org.tantra.api.Transcription;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.concurrent.ComputePool;
import org.tantra.host.config.ConfigFolder;
import org.tantra.host.config.Configurations;
import org.tantra.host.config.HostConfig;
import org.tantra.host.parity.ParityRunner;
import org.tantra.host.registry.LoaderWatch;
import org.tantra.host.registry.PluginFolder;
import org.tantra.host.registry.PluginStatus;
import org.tantra.host.registry.Plugins;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.resolve.Models;
import org.tantra.host.resolve.Result;
import org.tantra.host.resolve.SpeechAnswer;
import org.tantra.host.resolve.TextAnswer;
import org.tantra.host.resolve.TranscriptAnswer;
import org.tantra.host.runtime.ProcessFolder;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.WeightFiles;

/// The host behind the face: opens the parts in order and closes them in reverse.
final class RunningHost implements Host {
  private static final Logger log = LoggerFactory.getLogger(RunningHost.class);

  private final HostOptions options;
  private final HostConfig config;
  private final Models models;
  private final ParityRunner parity;
  private final WeightFiles weights;
  private final WeightStore store;
  private final ConfigFolder configs;
  private final Configurations configurations;
  private final Plugins plugins;
  private final PluginFolder folder;
  private final ProcessFolder process;
  private final ComputePool compute;
  private final FileFollower follower;
  private final AtomicBoolean closed = new AtomicBoolean();

  RunningHost(
      HostOptions options,
      HostConfig config,
      Models models,
      ParityRunner parity,
      WeightFiles weights,
      WeightStore store,
      ConfigFolder configs,
      Configurations configurations,
      Plugins plugins,
      PluginFolder folder,
      ProcessFolder process,
      ComputePool compute) {
    this.options = options;
    this.config = config;
    this.models = models;
    this.parity = parity;
    this.weights = weights;
    this.store = store;
    this.configs = configs;
    this.configurations = configurations;
    this.plugins = plugins;
    this.folder = folder;
    this.process = process;
    this.compute = compute;
    this.follower = new FileFollower(models::follow, config.plugins().poll());
  }

  static Host open(HostOptions options) {
    // Without it Guice writes classes at run time, which warns on current JDKs.
    System.setProperty("guice_bytecode_gen_option", "DISABLED");
    HostConfig config = HostConfig.read(options.home().resolve("Config").resolve("host.yaml"));
    makeFolders(options.home());
    RunningHost host;
    try {
      host = Guice.createInjector(new HostModule(options, config)).getInstance(RunningHost.class);
    } catch (ProvisionException | CreationException e) {
      if (e.getCause() instanceof TantraException told) {
        throw told;
      }
      throw e;
    }
    host.start();
    return host;
  }

  private static void makeFolders(Path home) {
    try {
      for (String name : List.of("Model", "Config", "plugins", "run")) {
        Files.createDirectories(home.resolve(name));
      }
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INVALID,
          "The home folder '%s' cannot be used: %s. Name another one with --home or TANTRA_HOME."
              .formatted(home, e),
          e);
    }
  }

  private void start() {
    plugins.listen(models.listener());
    folder.start();
    follower.start();
    models.missingRequired().forEach(this::loadSoon);
  }

  private void loadSoon(String id) {
    Thread.ofVirtual().name("load-required-" + id).start(() -> loadRequired(id));
  }

  private void loadRequired(String id) {
    try {
      models.load(id, closed::get);
    } catch (TantraException e) {
      log.error("Required model '{}' is not loaded: {}", id, e.getMessage());
    }
  }

  @Override
  public HostConfig config() {
    return config;
  }

  @Override
  public Path home() {
    return options.home();
  }

  @Override
  public Configurations configs() {
    return configurations;
  }

  @Override
  public Map<String, String> configProblems() {
    return configs.problems();
  }

  @Override
  public List<ModelStatus> models() {
    return models.statuses();
  }

  @Override
  public Optional<ModelStatus> model(String id) {
    return models.status(id);
  }

  @Override
  public TextAnswer generate(Call<TextRequest> call) {
    requireOpen();
    return models.generate(call);
  }

  @Override
  public TranscriptAnswer transcribe(Call<Transcription.Request> call) {
    requireOpen();
    return models.transcribe(call);
  }

  @Override
  public SpeechAnswer speak(Call<SpeechSynthesis.Request> call) {
    requireOpen();
    return models.speak(call);
  }

  @Override
  public Result<TextRecognition.Recognition> recognize(Call<TextRecognition.Image> call) {
    requireOpen();
    return models.recognize(call);
  }

  @Override
  public Result<List<TensorView>> embed(Call<List<Media>> call) {
    requireOpen();
    return models.embed(call);
  }

  @Override
  public ModelStatus load(String id) {
    requireOpen();
    models.load(id, Cancellation.NEVER);
    return models.status(id).orElseThrow();
  }

  @Override
  public void unload(String id) {
    models.unload(id);
  }

  @Override
  public List<PluginStatus> plugins() {
    return folder.statuses();
  }

  @Override
  public void scanPlugins() {
    requireOpen();
    folder.scan();
  }

  @Override
  public PluginFigures pluginFigures() {
    return figures(plugins.loaders().leftovers());
  }

  @Override
  public PluginFigures pluginFiguresAfterCollection(Duration limit) {
    return figures(plugins.loaders().collect(limit));
  }

  private PluginFigures figures(List<LoaderWatch.Leftover> leftovers) {
    LoaderWatch.Figures figures = plugins.loaders().figures();
    return new PluginFigures(
        plugins.retired().size(),
        figures.retired(),
        figures.collected(),
        leftovers.stream().map(left -> left.ref() + ": " + left.heldBy()).toList());
  }

  @Override
  public List<ParityCheck.Finding> parity(Path golden) {
    requireOpen();
    return parity.run(golden);
  }

  @Override
  public WeightFiles weights() {
    requireOpen();
    return weights;
  }

  @Override
  public WeightStore store() {
    requireOpen();
    return store;
  }

  @Override
  public Readiness readiness() {
    List<String> missing = new ArrayList<>();
    if (closed.get()) {
      missing.add("the host is closing");
    }
    models
        .missingRequired()
        .forEach(id -> missing.add("required model '" + id + "' is not loaded"));
    return new Readiness(missing.isEmpty(), missing);
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new TantraException(ErrorKind.BUSY, "The host is closing and takes no more requests.");
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    follower.close();
    models.close();
    folder.close();
    plugins.close();
    compute.close();
    process.close();
  }
}
