package org.tantra.plugin.gpt2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.Settings;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.Arithmetic;
import org.tantra.nn.Linears;
import org.tantra.nn.gpt.GptConfig;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.gpt.GptWeights;
import org.tantra.nn.gpt.Projector;
import org.tantra.nn.parity.LanguageModelParity;
import org.tantra.nn.text.Session;

/// The real sizes, with weights that a formula gives: logits against those of the reference
/// implementation, and how long steps take.
///
/// Runs on request only; `tantra.fullsize` names the folder that holds `fullsize/` and
/// `manifests/`:
///
/// ```
/// mvn -pl plugins/gpt2 -am package -DexcludedGroups= -Dgroups=fullsize -Dtantra.fullsize=DIR \
///     -Dsurefire.failIfNoSpecifiedTests=false -Dtest=Gpt2FullSizeTest
/// ```
@Tag("fullsize")
final class Gpt2FullSizeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double TOLERANCE = 2e-4;

  @ParameterizedTest
  @ValueSource(strings = {"distilgpt2", "gpt2"})
  void logitsAndGreedyTokensAreThoseOfTheReference(String name) throws IOException {
    Path folder = Path.of(Objects.requireNonNull(System.getProperty("tantra.fullsize")));
    JsonNode recipe = JSON.readTree(folder.resolve("fullsize/" + name + ".json").toFile());
    JsonNode manifest = JSON.readTree(folder.resolve("manifests/" + name + ".json").toFile());
    try (Arena arena = Arena.ofShared()) {
      Map<String, TensorView> tensors = generate(recipe, manifest, arena);
      requireGenerated(recipe, tensors);
      GptConfig config =
          GptConfig.of(
              Settings.of(
                  "config.json",
                  JSON.convertValue(
                      manifest.get("config"),
                      new TypeReference<LinkedHashMap<String, Object>>() {})),
              List.of("gpt2"),
              true);
      GptWeights weights = GptWeights.read(new SafetensorsFile(tensors), config, arena);
      GptNetwork network =
          new GptNetwork(
              config, weights, () -> Projector.PLAIN, Linears.asStored(new TwoThreads()));
      int[] ids = recipe.get("input_ids").valueStream().mapToInt(JsonNode::intValue).toArray();
      try (Session session = network.begin()) {
        session.append(
            ids,
            Cancellation.NEVER,
            (index, logits) -> compare(recipe, String.valueOf(index), logits));
      }
      JsonNode greedy = recipe.get("greedy_8").get("new_ids");
      assertArrayEquals(
          greedy.valueStream().mapToInt(JsonNode::intValue).toArray(),
          LanguageModelParity.greedy(network, ids, greedy.size()));
      report(name, network);
    }
  }

  private static void compare(JsonNode recipe, String position, float[] logits) {
    JsonNode expected = recipe.get("expected").get(position);
    if (expected == null) {
      return;
    }
    for (int i = 0; i < recipe.get("columns").size(); i++) {
      int column = recipe.get("columns").get(i).intValue();
      assertEquals(expected.get("columns").get(i).doubleValue(), logits[column], TOLERANCE);
    }
    for (int i = 0; i < expected.get("top_ids").size(); i++) {
      int id = expected.get("top_ids").get(i).intValue();
      assertEquals(expected.get("top_logits").get(i).doubleValue(), logits[id], TOLERANCE);
    }
  }

  /// Prints what a step costs: the figures are what somebody runs this for.
  private static void report(String name, GptNetwork network) {
    int[] prompt = new int[512];
    Arrays.setAll(prompt, i -> (i * 7919 + 13) % 50257);
    for (int round = 0; round < 3; round++) {
      try (Session session = network.begin()) {
        long start = System.nanoTime();
        session.append(prompt, Cancellation.NEVER);
        long prefilled = System.nanoTime();
        for (int i = 0; i < 32; i++) {
          session.append(new int[] {prompt[i]}, Cancellation.NEVER);
        }
        long decoded = System.nanoTime();
        System.out.printf(
            "%s, %s: prefill of 512 tokens %.0f ms, decode %.1f ms a token%n",
            name,
            Arithmetic.description(),
            (prefilled - start) / 1e6,
            (decoded - prefilled) / 32e6);
      }
    }
  }

  private static Map<String, TensorView> generate(JsonNode recipe, JsonNode manifest, Arena arena) {
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    long seed = recipe.get("seed").longValue();
    List<String> buffers =
        manifest.get("buffers_not_parameters").valueStream().map(JsonNode::textValue).toList();
    int ordinal = -1;
    for (Map.Entry<String, JsonNode> entry : manifest.get("tensors").properties()) {
      ordinal++;
      if (buffers.contains(entry.getKey())) {
        continue;
      }
      JsonNode rule = rule(recipe, entry.getKey());
      Shape shape =
          Shape.of(
              entry.getValue().get("shape").valueStream().mapToLong(JsonNode::longValue).toArray());
      MemorySegment memory = arena.allocate(shape.elements() * 4, 64);
      double mean = rule.get("mean").doubleValue();
      double scale = rule.get("scale").doubleValue();
      long base = seed * 0x100000001B3L + ((long) ordinal << 32);
      for (long i = 0; i < shape.elements(); i++) {
        double uniform = (mix(base + i) >>> 40) * 0x1p-23 - 1;
        memory.set(TensorView.F32, i * 4, (float) (mean + scale * uniform));
      }
      tensors.put(entry.getKey(), new TensorView(DType.F32, shape, memory));
    }
    return tensors;
  }

  private static JsonNode rule(JsonNode recipe, String name) {
    return recipe
        .get("rules")
        .valueStream()
        .filter(rule -> name.endsWith(rule.get("name_ends_with").textValue()))
        .findFirst()
        .orElseThrow();
  }

  private static long mix(long seed) {
    long z = seed + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static void requireGenerated(JsonNode recipe, Map<String, TensorView> tensors) {
    recipe
        .get("weight_checks")
        .properties()
        .forEach(
            check -> {
              TensorView view = Objects.requireNonNull(tensors.get(check.getKey()), check.getKey());
              for (int i = 0; i < 4; i++) {
                double expected = check.getValue().get("first4").get(i).doubleValue();
                assertEquals(expected, view.floatAt(i), 1e-9, check.getKey());
              }
            });
  }

  /// The caller and one more thread for each step.
  private static final class TwoThreads implements Compute {
    @Override
    public int threads() {
      return 2;
    }

    @Override
    public void parallel(int parts, Part body) {
      if (parts == 1) {
        body.run(0);
        return;
      }
      Thread other = Thread.ofPlatform().start(() -> body.run(1));
      body.run(0);
      try {
        other.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
