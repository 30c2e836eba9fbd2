package org.tantra.it;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.WeightFiles;
import org.tantra.host.weights.WeightInspection;

/// Every file of the corpus through the host and its drop-in jars: verdict, and tensor by tensor
/// type, shape and SHA-256.
final class WeightCorpusTest {
  /// Codes that are the host's own; those of plugins may be finer or absent.
  private static final Set<String> HOST_FORMATS =
      Set.of("safetensors-sharded", "torch-sharded", "unknown", "raw");

  @TempDir static Path home;
  private static Installation installation;
  private static final Map<String, Integer> counts = new TreeMap<>();

  @BeforeAll
  static void start() throws IOException {
    Installation.fill(home, WeightCorpus.plugins());
    installation = Installation.start(home, "pf4j");
  }

  @AfterAll
  static void stop() {
    installation.close();
    System.out.println("weight corpus: " + counts);
  }

  private static WeightFiles weights() {
    return installation.host().weights();
  }

  @TestFactory
  Stream<DynamicTest> everyFileGetsItsVerdict() throws IOException {
    return WeightCorpus.entries().stream()
        .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> judge(entry)));
  }

  private static void judge(WeightCorpus.Entry entry) {
    try {
      WeightInspection found = weights().inspect(entry.file(), entry.options(), Progress.NONE);
      assertTrue(entry.ok() || !entry.must(), "accepted");
      assertHolds(entry, found);
      count(entry, "read");
    } catch (TantraException e) {
      assertFalse(entry.ok() && entry.must(), () -> "refused: " + e.getMessage());
      assertTrue(
          e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.UNSUPPORTED,
          () -> e.kind() + ": " + e.getMessage());
      assertRightCode(entry, e);
      count(entry, "refused");
    } catch (ArithmeticException e) {
      assertTrue(entry.codes().contains("shape-overflow"), e::getMessage);
      count(entry, "refused");
    }
  }

  private static void assertRightCode(WeightCorpus.Entry entry, TantraException error) {
    if (HOST_FORMATS.contains(entry.format()) && error.code() != null) {
      assertTrue(
          entry.codes().contains(error.code()),
          () -> entry.codes() + " expected, " + error.code() + ": " + error.getMessage());
    }
  }

  private static void count(WeightCorpus.Entry entry, String verdict) {
    counts.merge(entry.format() + " " + verdict, 1, Integer::sum);
    counts.merge("all " + verdict, 1, Integer::sum);
  }

  private static void assertHolds(WeightCorpus.Entry entry, WeightInspection found) {
    Map<String, WeightInspection.Tensor> tensors =
        found.tensors().stream()
            .collect(Collectors.toMap(WeightInspection.Tensor::name, tensor -> tensor));
    JsonNode expected = entry.expected().path("tensors");
    assertEquals(expected.size(), found.tensors().size());
    for (Map.Entry<String, JsonNode> one : expected.properties()) {
      assertTrue(tensors.containsKey(one.getKey()), () -> one.getKey() + " is missing");
      WeightInspection.Tensor tensor = requireNonNull(tensors.get(one.getKey()));
      JsonNode wanted = one.getValue();
      assertEquals(wanted.path("dtype").asText(), tensor.dtype().name(), one.getKey());
      assertEquals(shape(wanted), tensor.shape().toString(), one.getKey());
      assertEquals(wanted.path("nbytes").longValue(), tensor.bytes(), one.getKey());
      assertEquals(wanted.path("sha256").asText(), tensor.sha256(), one.getKey());
    }
    for (Map.Entry<String, JsonNode> one : entry.expected().path("metadata").properties()) {
      JsonNode value = one.getValue();
      String wanted = value.isValueNode() ? value.asText() : value.toString();
      assertEquals(wanted, found.metadata().get(one.getKey()));
    }
  }

  private static String shape(JsonNode tensor) {
    return tensor.path("shape").toString().replace(",", ", ");
  }

  @TestFactory
  Stream<DynamicTest> convertedFileIsWhatTheReferenceWrites() throws IOException {
    return WeightCorpus.entries().stream()
        .filter(entry -> entry.ok() && entry.must() && entry.expected().has("as_safetensors"))
        .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> assertConverts(entry)));
  }

  private static void assertConverts(WeightCorpus.Entry entry) throws IOException {
    JsonNode expected = entry.expected().path("as_safetensors");
    Path to = home.resolve("converted.safetensors");
    WeightInspection before = weights().inspect(entry.file(), entry.options(), Progress.NONE);
    Conversion conversion = Conversion.of(entry.file(), to).withOptions(entry.options()).unsynced();

    weights().convert(conversion, Conversion.Listener.NONE, Cancellation.NEVER);

    WeightInspection after = weights().inspect(to, OpenOptions.NONE, Progress.NONE);
    assertEquals(Set.copyOf(before.tensors()), Set.copyOf(after.tensors()));
    if (before.metadata().isEmpty()) { // the reference's size and checksum are of a file without
      assertEquals(expected.path("bytes").longValue(), Files.size(to));
      assertEquals(expected.path("sha256").asText(), Sha256.of(to));
      counts.merge("as the reference writes it", 1, Integer::sum);
    }
  }

  @TestFactory
  Stream<DynamicTest> scanGivesTheSameVerdict() throws IOException {
    return WeightCorpus.entries().stream()
        .filter(WeightCorpus.Entry::must)
        .filter(entry -> !entry.expected().has("read_as"))
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.name(),
                    () -> assertEquals(entry.ok(), weights().scan(entry.file()).clean())));
  }

  @Test
  void nothingInTheFilesWasRun() throws IOException {
    for (WeightCorpus.Entry entry : WeightCorpus.entries()) {
      if (entry.expected().has("payload")) {
        weights().scan(entry.file());
      }
    }
    for (Path folder : List.of(Path.of("").toAbsolutePath(), home)) {
      assertFalse(Files.exists(folder.resolve("PWNED")), folder::toString);
    }
  }
}
