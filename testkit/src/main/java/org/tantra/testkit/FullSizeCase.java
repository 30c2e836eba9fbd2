package org.tantra.testkit;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.Checkpoint;
import org.tantra.api.Settings;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// A checkpoint of real size whose weights come from a formula, with logits that the reference
/// implementation computed from the same weights.
///
/// The system property `tantra.fullsize` names the folder that holds `fullsize/<name>.json` (the
/// formula and the expectations) and the manifest it refers to (names and shapes).
public final class FullSizeCase implements Checkpoint, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Arena arena = Arena.ofShared();
  private final String name;
  private final JsonNode recipe;
  private final JsonNode manifest;
  private final Map<String, TensorView> tensors = new LinkedHashMap<>();

  private FullSizeCase(String name, JsonNode recipe, JsonNode manifest) {
    this.name = name;
    this.recipe = recipe;
    this.manifest = manifest;
  }

  /// Generates the weights.
  ///
  /// @throws AssertionError if the property is not set, or the formula gives other values than the
  ///   case says
  public static FullSizeCase of(String name) {
    String folder = System.getProperty("tantra.fullsize");
    if (folder == null) {
      throw new AssertionError(
          "set -Dtantra.fullsize to the folder of fullsize/" + name + ".json and its manifest");
    }
    try {
      JsonNode recipe = JSON.readTree(Path.of(folder, "fullsize", name + ".json").toFile());
      JsonNode manifest =
          JSON.readTree(Path.of(folder, recipe.get("manifest").textValue()).toFile());
      FullSizeCase made = new FullSizeCase(name, recipe, manifest);
      made.generate();
      made.requireGenerated();
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void generate() {
    Set<String> left = new TreeSet<>();
    manifest.path("tied").fieldNames().forEachRemaining(left::add);
    manifest.path("buffers_not_parameters").forEach(buffer -> left.add(buffer.textValue()));
    int ordinal = 0;
    for (Map.Entry<String, JsonNode> entry : manifest.get("tensors").properties()) {
      if (!left.contains(entry.getKey())) {
        JsonNode rule = rule(entry.getKey());
        Shape shape =
            Shape.of(
                entry
                    .getValue()
                    .get("shape")
                    .valueStream()
                    .mapToLong(JsonNode::longValue)
                    .toArray());
        double mean = rule.get("mean").doubleValue();
        double scale = rule.get("scale").doubleValue();
        tensors.put(entry.getKey(), tensor(ordinal, mean, scale, shape));
      }
      ordinal++;
    }
  }

  private JsonNode rule(String weight) {
    return recipe
        .get("rules")
        .valueStream()
        .filter(rule -> weight.endsWith(rule.get("name_ends_with").textValue()))
        .findFirst()
        .orElseThrow();
  }

  /// A tensor by the formula: element `i` is `mean + scale · u`, with `u` in -1..1 from a hash of
  /// seed, ordinal and `i`.
  public TensorView tensor(int ordinal, double mean, double scale, Shape shape) {
    MemorySegment memory = arena.allocate(shape.elements() * 4, 64);
    long base = recipe.get("seed").longValue() * 0x100000001B3L + ((long) ordinal << 32);
    for (long i = 0; i < shape.elements(); i++) {
      double uniform = (mix(base + i) >>> 40) * 0x1p-23 - 1;
      memory.set(TensorView.F32, i * 4, (float) (mean + scale * uniform));
    }
    return new TensorView(DType.F32, shape, memory);
  }

  /// SplitMix64.
  private static long mix(long seed) {
    long z = seed + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private void requireGenerated() {
    for (Map.Entry<String, JsonNode> check : recipe.get("weight_checks").properties()) {
      TensorView view = tensors.get(check.getKey());
      for (int i = 0; i < 4; i++) {
        double expected = check.getValue().get("first4").get(i).doubleValue();
        if (view == null || Math.abs(view.floatAt(i) - expected) > 1e-9) {
          throw new AssertionError("the formula does not give element " + i + " of " + check);
        }
      }
    }
  }

  /// The whole case.
  public JsonNode recipe() {
    return recipe;
  }

  /// A list of token ids.
  public static int[] ids(JsonNode list) {
    return list.valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  /// Largest difference of the best logits and of the sampled columns at one position, 0 if the
  /// case says nothing about it.
  ///
  /// @param expected the node `expected` of the case, or of a part of it
  public double distance(JsonNode expected, int position, float[] logits) {
    JsonNode there = expected.path(String.valueOf(position));
    double largest = 0;
    for (int i = 0; i < there.path("columns").size(); i++) {
      float logit = logits[recipe.get("columns").get(i).intValue()];
      largest = Math.max(largest, Math.abs(logit - there.get("columns").get(i).doubleValue()));
    }
    for (int i = 0; i < there.path("top_ids").size(); i++) {
      float logit = logits[there.get("top_ids").get(i).intValue()];
      largest = Math.max(largest, Math.abs(logit - there.get("top_logits").get(i).doubleValue()));
    }
    return largest;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String version() {
    return "formula";
  }

  @Override
  public WeightSource weights() {
    return new SafetensorsFile(tensors);
  }

  @Override
  public Optional<Settings> json(String fileName) {
    return fileName.equals("config.json")
        ? Optional.of(
            Settings.of(
                fileName,
                JSON.convertValue(
                    manifest.get("config"), new TypeReference<LinkedHashMap<String, Object>>() {})))
        : Optional.empty();
  }

  @Override
  public Optional<MemorySegment> file(String fileName) {
    return Optional.empty();
  }

  @Override
  public void close() {
    arena.close();
  }
}
