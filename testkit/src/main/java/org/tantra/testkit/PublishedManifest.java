package org.tantra.testkit;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tantra.api.Settings;
import org.tantra.api.WeightPlan;

/// The list of what a published checkpoint holds: `golden/manifests/<name>.json` of a plugin's
/// tests.
public final class PublishedManifest {
  private static final JsonMapper JSON = new JsonMapper();

  private static final Map<String, String> DTYPES =
      Map.of("float32", "F32", "float16", "F16", "bfloat16", "BF16");

  private PublishedManifest() {}

  /// Asserts that the plan for the manifest's configuration has its names, shapes and types, counts
  /// its parameters, and ignores its buffers and tied copies.
  ///
  /// @param test a class beside whose resources the manifest lies
  public static void assertPlanned(WeightPlan.Maker model, Class<?> test, String name) {
    JsonNode manifest = read(test, name);
    Map<String, Object> config =
        JSON.convertValue(manifest.get("config"), new TypeReference<Map<String, Object>>() {});
    WeightPlan plan = model.weightPlan(Settings.of(name + "/config.json", config)).orElseThrow();

    Set<String> unsaid = new TreeSet<>();
    manifest.path("buffers_not_parameters").forEach(buffer -> unsaid.add(buffer.asText()));
    manifest.path("tied").fieldNames().forEachRemaining(unsaid::add);
    Map<String, String> published = new TreeMap<>();
    manifest
        .get("tensors")
        .properties()
        .forEach(
            tensor -> {
              if (!unsaid.contains(tensor.getKey())) {
                published.put(tensor.getKey(), described(tensor.getValue()));
              }
            });

    assertEquals(published, planned(plan));
    assertEquals(
        manifest.path("parameters").asLong(manifest.path("elements_total").asLong()),
        plan.parameters());
    for (String buffer : unsaid) {
      assertTrue(plan.ignored().contains(buffer), () -> buffer + " is not ignored");
    }
  }

  private static Map<String, String> planned(WeightPlan plan) {
    Map<String, String> planned = new TreeMap<>();
    for (WeightPlan.Weight weight : plan.weights()) {
      if (!weight.optional()) {
        planned.put(weight.info().name(), weight.info().dtype() + " " + weight.info().shape());
      }
    }
    return planned;
  }

  private static String described(JsonNode tensor) {
    String dtype = tensor.get("dtype").asText();
    String shape = tensor.get("shape").toString().replace(",", ", ");
    return DTYPES.getOrDefault(dtype, dtype) + " " + shape;
  }

  private static JsonNode read(Class<?> test, String name) {
    try (InputStream in =
        requireNonNull(
            test.getResourceAsStream("/golden/manifests/" + name + ".json"), "no " + name)) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
