package org.tantra.plugin.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tantra.api.OpenOptions;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.TensorInfo;

/// What the index of the corpus says beyond the contract's reach: reasons of refusals, shared
/// storages, plain values, the meaning of quantised integers; and that it is quick.
class PytorchCorpusTest {
  /// What one file may compute; the clock would count what the machine does meanwhile.
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @TestFactory
  Stream<DynamicTest> everyFileIsAsItsIndexSays() {
    return Corpus.entries().stream()
        .map(entry -> DynamicTest.dynamicTest(entry.toString(), () -> checkIsQuick(entry)));
  }

  private static void checkIsQuick(Corpus.Entry entry) throws IOException {
    long before = THREADS.getCurrentThreadCpuTime();
    check(entry);
    Duration took = Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - before);
    assertTrue(took.compareTo(LIMIT) < 0, () -> took + " were computed");
  }

  @AfterAll
  static void nothingWasExecuted() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(""))) {
      assertFalse(files.anyMatch(file -> file.endsWith("PWNED")), "a payload was executed");
    }
  }

  private static void check(Corpus.Entry entry) throws IOException {
    try (Arena scratch = Arena.ofConfined();
        WeightFile file = new PytorchFormat().open(entry.file(), OpenOptions.NONE)) {
      for (TensorInfo info : file.tensors()) {
        file.tensor(info.name(), scratch);
      }
      assertEquals(groups(entry.expected().path("aliases")), groups(file.shared()));
      entry
          .expected()
          .path("scalars")
          .properties()
          .forEach(value -> checkScalar(value.getKey(), value.getValue(), file.metadata()));
      for (var tensor : entry.expected().path("tensors").properties()) {
        JsonNode values = tensor.getValue().path("dequant");
        if (!values.isMissingNode()) {
          assertEquals(
              values.get("sha256").asText(),
              sha256(file.expanded(tensor.getKey(), scratch).memory()));
        }
      }
    } catch (TantraException e) {
      assertFalse(entry.ok() && entry.must(), e.getMessage());
      assertTrue(
          entry.categories().contains(e.code()),
          e.code() + " is none of " + entry.categories() + ": " + e.getMessage());
    }
  }

  private static void checkScalar(String name, JsonNode expected, Map<String, String> metadata) {
    String actual = metadata.get(name);
    assertNotNull(actual, name);
    if (expected.isFloatingPointNumber()) {
      assertEquals(expected.asDouble(), Double.parseDouble(actual), name);
    } else {
      assertEquals(expected.asText(), actual, name);
    }
  }

  private static Set<Set<String>> groups(Iterable<?> aliases) {
    Set<Set<String>> groups = new HashSet<>();
    for (Object group : aliases) {
      Set<String> names = new TreeSet<>();
      for (Object name : (Iterable<?>) group) {
        names.add(name instanceof JsonNode node ? node.asText() : name.toString());
      }
      groups.add(names);
    }
    return groups;
  }

  private static String sha256(MemorySegment memory) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(memory.toArray(ValueLayout.JAVA_BYTE));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
