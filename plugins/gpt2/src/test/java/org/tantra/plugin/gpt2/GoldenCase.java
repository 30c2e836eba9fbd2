package org.tantra.plugin.gpt2;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.ParityCase;
import org.tantra.api.Progress;
import org.tantra.api.Settings;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.WeightForm;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.text.LoadedNetwork;

/// A golden case from the test resources, whose checkpoint a test may bend: other configuration,
/// other weights, further files.
final class GoldenCase implements ParityCase, Checkpoint, AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final Path folder;
  private final Map<String, Object> config;
  private final Map<String, TensorView> weights;
  private @Nullable Settings tokenizerVocab;
  private @Nullable String tokenizerMerges;

  private GoldenCase(Path folder) {
    this.folder = folder;
    this.config = new LinkedHashMap<>(read(folder.resolve("config.json")));
    this.weights =
        new LinkedHashMap<>(
            SafetensorsFile.map(folder.resolve("model.safetensors"), arena).views());
  }

  /// @throws NullPointerException if there is no such case
  static GoldenCase of(String name) {
    try {
      return new GoldenCase(
          Path.of(
              Objects.requireNonNull(
                      GoldenCase.class.getResource("/golden/" + name), "no golden case " + name)
                  .toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  GoldenCase with(String key, Object value) {
    config.put(key, value);
    return this;
  }

  GoldenCase without(String weight) {
    weights.remove(weight);
    return this;
  }

  GoldenCase with(String weight, TensorView view) {
    weights.put(weight, view);
    return this;
  }

  GoldenCase withTokenizer(Map<String, Object> vocab, String merges) {
    tokenizerVocab = Settings.of("vocab.json", vocab);
    tokenizerMerges = merges;
    return this;
  }

  /// GPT-2's spelling of a byte in `vocab.json`.
  static String spelling(int value) {
    boolean itself = (value > 32 && value < 127) || (value > 160 && value != 173);
    int before = value <= 32 ? value : value <= 160 ? value - 127 + 33 : 67;
    return Character.toString(itself ? value : 256 + before);
  }

  LoadedNetwork<GptNetwork> load() {
    return load(WeightForm.AS_STORED);
  }

  LoadedNetwork<GptNetwork> load(WeightForm form) {
    return Gpt2Model.load(this, form, Compute.SERIAL, Progress.NONE);
  }

  private static Map<String, Object> read(Path file) {
    try {
      return new ObjectMapper()
          .readValue(
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
  public Compute compute() {
    return Compute.SERIAL;
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
    return switch (fileName) {
      case "config.json" -> Optional.of(Settings.of(fileName, config));
      case "vocab.json" -> Optional.ofNullable(tokenizerVocab);
      default -> Optional.empty();
    };
  }

  @Override
  public Optional<MemorySegment> file(String fileName) {
    return tokenizerMerges == null || !fileName.equals("merges.txt")
        ? Optional.empty()
        : Optional.of(MemorySegment.ofArray(tokenizerMerges.getBytes(UTF_8)));
  }

  @Override
  public void close() {
    arena.close();
  }
}
