package org.tantra.plugin.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tantra.api.OpenOptions;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightCorpusContract;

final class GgufGoldenTest extends WeightCorpusContract {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  protected WeightFormat format() {
    return new GgufFormat();
  }

  @Override
  protected Fixture corpus() {
    return Fixture.of("golden/corpus");
  }

  @Override
  protected Set<String> formats() {
    return Set.of("gguf");
  }

  /// The index with metadata as the texts the format gives.
  @Override
  protected Settings index() throws IOException {
    ObjectNode index = (ObjectNode) json();
    for (JsonNode file : index.get("files")) {
      if (file.has("metadata")) {
        ObjectNode texts = JSON.createObjectNode();
        file.get("metadata").properties().forEach(e -> texts.put(e.getKey(), text(e.getValue())));
        boolean partial = file.has("metadata_partial");
        ((ObjectNode) file).remove(List.of("metadata", "metadata_partial"));
        ((ObjectNode) file).set(partial ? "metadata_partial" : "metadata", texts);
      }
    }
    return Settings.of(
        "index.json",
        JSON.convertValue(
            index, JSON.getTypeFactory().constructMapType(Map.class, String.class, Object.class)));
  }

  private static String text(JsonNode value) {
    return value.isArray() ? value.toString() : value.asText();
  }

  @TestFactory
  Stream<DynamicTest> refusalHasTheReasonOfTheIndex() throws IOException {
    return files("reject")
        .filter(file -> file.get("level").asText().equals("must"))
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.get("file").asText(),
                    () -> {
                      var error = assertThrows(TantraException.class, () -> open(file).close());
                      List<String> reasons =
                          new ArrayList<>(List.of(file.get("category").asText()));
                      file.path("alt_categories").forEach(reason -> reasons.add(reason.asText()));
                      assertTrue(
                          reasons.contains(error.code()), error.code() + " " + error.getMessage());
                    }));
  }

  @TestFactory
  Stream<DynamicTest> quantisedTensorsExpandBitForBit() throws IOException {
    return files("ok")
        .filter(file -> file.get("tensors").toString().contains("\"dequant\""))
        .map(file -> DynamicTest.dynamicTest(file.get("file").asText(), () -> expands(file)));
  }

  private void expands(JsonNode file) throws IOException {
    try (WeightFile weights = open(file);
        Arena scratch = Arena.ofConfined()) {
      for (Map.Entry<String, JsonNode> tensor : file.get("tensors").properties()) {
        MemorySegment values = weights.expanded(tensor.getKey(), scratch).memory();
        assertEquals(
            tensor.getValue().get("dequant").get("sha256").asText(),
            sha256(values),
            tensor.getKey());
      }
    }
  }

  private Stream<JsonNode> files(String verdict) throws IOException {
    List<JsonNode> files = new ArrayList<>();
    for (JsonNode file : json().get("files")) {
      if (file.get("format").asText().equals("gguf")
          && file.get("verdict").asText().equals(verdict)) {
        files.add(file);
      }
    }
    return files.stream();
  }

  private JsonNode json() throws IOException {
    return JSON.readTree(corpus().file("index.json").toFile());
  }

  private WeightFile open(JsonNode file) throws IOException {
    return format().open(corpus().file(file.get("file").asText()), OpenOptions.NONE);
  }

  private static String sha256(MemorySegment memory) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(memory.toArray(ValueLayout.JAVA_BYTE));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
