package org.tantra.host.store;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.concurrent.AtomicFile;
import org.tantra.host.weights.Conversion;
import org.tantra.testkit.MemoryWeights;

/// Plugins as small as can be: one format (a line of JSON, then F32 numbers), and two model types
/// whose networks have two weights.
public final class SimplePlugins implements StorePlugins {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MAGIC = "simple ";

  /// What the types' files in `Config` say.
  final Map<String, Map<String, Object>> configured = new TreeMap<>();

  /// Weights that fit such a network, all of one value.
  public static WeightSource weights(int hidden, float value) {
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    tensors.put("layers.0.weight", filled(value, hidden, hidden));
    tensors.put("layers.0.bias", filled(value, hidden));
    return MemoryWeights.of(tensors);
  }

  static TensorView filled(float value, long... shape) {
    int elements = 1;
    for (long size : shape) {
      elements *= (int) size;
    }
    float[] values = new float[elements];
    Arrays.fill(values, value);
    return TensorView.of(values, shape);
  }

  @Override
  public Set<String> types() {
    return Set.of("mamba", "mamba_multimodal", "tantra");
  }

  @Override
  public Map<String, Map<String, Object>> sizes(String type) {
    if (!types().contains(type)) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no model type '" + type + "'.");
    }
    return Map.of("small", Map.of("hidden", 4), "full", Map.of("hidden", 64));
  }

  @Override
  public Optional<WeightPlan> plan(String type, Settings config) {
    int hidden = config.integer("hidden", 64);
    return Optional.of(
        new WeightPlan(
            List.of(planned("layers.0.weight", hidden, hidden), planned("layers.0.bias", hidden)),
            List.of()));
  }

  private static WeightPlan.Weight planned(String name, long... shape) {
    return WeightPlan.Weight.of(
        new TensorInfo(name, DType.F32, Shape.of(shape)), new WeightPlan.Start.Constant(0));
  }

  @Override
  public Settings configured(String type) {
    return Settings.of("Config/" + type + ".yaml", configured.getOrDefault(type, Map.of()));
  }

  @Override
  public Target target(String word) {
    if (!WeightNames.ENDINGS.contains(word)) {
      throw new TantraException(ErrorKind.UNSUPPORTED, "Nobody writes '" + word + "'.");
    }
    return new Target("simple", word);
  }

  @Override
  public void write(
      WeightSource weights,
      Path file,
      String format,
      Conversion.Listener listener,
      Cancellation cancellation) {
    try {
      AtomicFile.write(file, channel -> write(weights, channel));
    } catch (IOException e) {
      throw StoreFailure.of("'" + file.getFileName() + "' was not written", e);
    }
  }

  private static void write(WeightSource weights, FileChannel channel) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    for (TensorInfo info : weights.tensors()) {
      header.put(info.name(), info.shape().toArray());
    }
    Map<String, Object> root = Map.of("tensors", header, "metadata", weights.metadata());
    AtomicFile.fill(
        channel, (MAGIC + JSON.writeValueAsString(root) + "\n").getBytes(StandardCharsets.UTF_8));
    for (TensorInfo info : weights.tensors()) {
      try (Arena scratch = Arena.ofConfined()) {
        AtomicFile.fill(
            channel, weights.tensor(info.name(), scratch).memory().toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Override
  public Opened open(Path file) {
    try {
      return open(Files.readAllBytes(file), file);
    } catch (IOException e) {
      throw new TantraException(ErrorKind.NOT_FOUND, "No file " + file, e);
    }
  }

  private static Opened open(byte[] bytes, Path file) throws IOException {
    int line = new String(bytes, StandardCharsets.ISO_8859_1).indexOf('\n');
    if (line < 0 || !new String(bytes, 0, line, StandardCharsets.UTF_8).startsWith(MAGIC)) {
      throw new TantraException(ErrorKind.UNSUPPORTED, "Nobody reads " + file.getFileName());
    }
    Map<String, Map<String, Object>> root =
        JSON.readValue(
            new String(bytes, MAGIC.length(), line - MAGIC.length(), StandardCharsets.UTF_8),
            new TypeReference<>() {});
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    int at = line + 1;
    for (Map.Entry<String, Object> entry : root.getOrDefault("tensors", Map.of()).entrySet()) {
      List<Long> sizes = new ArrayList<>();
      ((List<?>) entry.getValue()).forEach(size -> sizes.add(((Number) size).longValue()));
      Shape shape = Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
      int length = (int) shape.elements() * 4;
      if (at + length > bytes.length) {
        throw new TantraException(ErrorKind.CORRUPT, file.getFileName() + " is cut short.");
      }
      MemorySegment memory = MemorySegment.ofArray(new byte[length]);
      MemorySegment.copy(
          MemorySegment.ofArray(bytes),
          ValueLayout.JAVA_BYTE,
          at,
          memory,
          ValueLayout.JAVA_BYTE,
          0,
          length);
      tensors.put(entry.getKey(), new TensorView(DType.F32, shape, memory));
      at += length;
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    root.getOrDefault("metadata", Map.of())
        .forEach((key, value) -> metadata.put(key, String.valueOf(value)));
    WeightSource weights = MemoryWeights.of(tensors).withMetadata(metadata);
    return new Opened() {
      @Override
      public String format() {
        return "simple";
      }

      @Override
      public WeightSource weights() {
        return weights;
      }

      @Override
      public void close() {}
    };
  }
}
