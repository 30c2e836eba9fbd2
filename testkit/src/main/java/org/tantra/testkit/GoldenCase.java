package org.tantra.testkit;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.Cancellation;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.LoadContext;
import org.tantra.api.ParityCase;
import org.tantra.api.Progress;
import org.tantra.api.Settings;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A golden case from the test resources, whose checkpoint a test may bend: other configuration,
/// other weights, further files. It is the parity case, its checkpoint, and a context to load it
/// in.
///
/// Weights are read from `model.safetensors`, if there is one; views live until [#close()]. Used by
/// one thread.
public final class GoldenCase implements ParityCase, Checkpoint, LoadContext, AutoCloseable {
  /// Older checkpoints have the bare word `Infinity`.
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private final Arena arena = Arena.ofShared();
  private final Path folder;
  private final Map<String, Map<String, Object>> json = new LinkedHashMap<>();
  private final Map<String, Object> settings = new LinkedHashMap<>();
  private final Map<String, TensorView> weights;
  private final Set<String> without = new TreeSet<>();
  private Compute compute = Compute.SERIAL;

  private GoldenCase(Path folder) {
    this.folder = folder;
    Path model = folder.resolve("model.safetensors");
    this.weights = new LinkedHashMap<>();
    if (Files.exists(model)) {
      weights.putAll(SafetensorsFile.map(model, arena).views());
    }
    if (Files.exists(folder.resolve("config.json"))) {
      json.put("config.json", read(folder.resolve("config.json")));
    }
  }

  /// The case in `golden/<name>` on the class path of `test`.
  ///
  /// @throws NullPointerException if there is none: a missing fixture fails the test
  public static GoldenCase of(Class<?> test, String name) {
    try {
      return new GoldenCase(
          Path.of(
              requireNonNull(test.getResource("/golden/" + name), "no golden case " + name)
                  .toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Changes a key of `config.json`.
  public GoldenCase with(String key, Object value) {
    json.computeIfAbsent("config.json", _ -> new LinkedHashMap<>()).put(key, value);
    return this;
  }

  /// Takes a side file away.
  public GoldenCase withoutFile(String file) {
    without.add(file);
    json.remove(file);
    return this;
  }

  /// Puts a JSON side file beside the weights.
  public GoldenCase withJson(String file, Map<String, Object> values) {
    json.put(file, new LinkedHashMap<>(values));
    return this;
  }

  /// Adds or replaces a weight.
  public GoldenCase with(String weight, TensorView view) {
    weights.put(weight, view);
    return this;
  }

  /// Takes a weight away.
  public GoldenCase without(String weight) {
    weights.remove(weight);
    return this;
  }

  /// Sets a key of the model's `Config/<id>.yaml`.
  public GoldenCase withSetting(String key, Object value) {
    settings.put(key, value);
    return this;
  }

  /// Computes on other threads.
  public GoldenCase on(Compute other) {
    compute = other;
    return this;
  }

  /// One weight of the checkpoint.
  public TensorView weight(String name) {
    return requireNonNull(weights.get(name), name);
  }

  /// Names of the tensors in `expected.safetensors`.
  public Set<String> expectedNames() {
    Set<String> names = new TreeSet<>();
    tensors().orElseThrow().tensors().stream().map(TensorInfo::name).forEach(names::add);
    return names;
  }

  private static Map<String, Object> read(Path file) {
    try {
      return JSON.readValue(
          Files.readAllBytes(file), new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return String.valueOf(folder.getFileName());
  }

  @Override
  public String family() {
    return expected().text("family");
  }

  @Override
  public Settings expected() {
    return Settings.of("expected.json", read(folder.resolve("expected.json")));
  }

  @Override
  public Optional<WeightSource> tensors() {
    return Optional.of(SafetensorsFile.map(folder.resolve("expected.safetensors"), arena));
  }

  @Override
  public Checkpoint checkpoint() {
    return this;
  }

  @Override
  public Optional<Checkpoint> checkpoint(String role) {
    return Optional.empty();
  }

  @Override
  public Compute compute() {
    return compute;
  }

  @Override
  public Settings settings() {
    return Settings.of("settings of the test", settings);
  }

  @Override
  public Progress progress() {
    return Progress.NONE;
  }

  @Override
  public Cancellation cancellation() {
    return Cancellation.NEVER;
  }

  @Override
  public String version() {
    return "golden";
  }

  @Override
  public WeightSource weights() {
    return new SafetensorsFile(weights);
  }

  @Override
  public Optional<Settings> json(String fileName) {
    return Optional.ofNullable(json.get(fileName)).map(values -> Settings.of(fileName, values));
  }

  @Override
  public Optional<MemorySegment> file(String fileName) {
    Path file = folder.resolve(fileName);
    if (without.contains(fileName) || !Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return Optional.of(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
