package org.tantra.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileHead;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// Files with known verdicts: a [WeightFormat] reads the sound ones tensor by tensor as the
/// reference did, and refuses the others by name.
///
/// The corpus is a folder with an `index.json`: an object whose `files` has for each file its path
/// `file`, its `format`, its `verdict` (`ok` or `reject`) and how firm that is (`level`: `must`, or
/// `should` when the opposite is tolerated), the expected `tensors` (by name: `dtype`, `shape`,
/// `nbytes`, `sha256` of the little-endian row-major bytes) and `metadata`, and with `canonical`
/// whether writing the tensors again must give the very same bytes. A verdict may come with the
/// first read instead of the opening where `stage` is `open-or-read`.
public abstract class WeightCorpusContract {
  /// A new object of the extension under test.
  protected abstract WeightFormat format();

  /// The folder of the corpus.
  protected abstract Fixture corpus();

  /// Its `index.json`, parsed; the testkit brings no JSON library of its own.
  protected abstract Settings index() throws IOException;

  /// Values of `format` in the index that are the format under test; it must decline the others.
  protected abstract Set<String> formats();

  @TestFactory
  Stream<DynamicTest> soundFileIsReadTensorByTensor() throws IOException {
    return tests(entry -> own(entry) && ok(entry), this::readsOrMayRefuse);
  }

  @TestFactory
  Stream<DynamicTest> brokenFileIsRefusedByName() throws IOException {
    return tests(entry -> own(entry) && !ok(entry), this::refusesOrMayRead);
  }

  @TestFactory
  Stream<DynamicTest> soundFileIsRecognisedByItsContent() throws IOException {
    return tests(
        entry -> own(entry) && ok(entry),
        entry -> assertInstanceOf(Probe.Accepted.class, probe(entry)));
  }

  @TestFactory
  Stream<DynamicTest> fileOfAnotherFormatIsDeclined() throws IOException {
    return tests(
        entry -> !own(entry), entry -> assertInstanceOf(Probe.Declined.class, probe(entry)));
  }

  @TestFactory
  Stream<DynamicTest> canonicalFileIsWrittenByteForByte() throws IOException {
    return tests(
        entry -> own(entry) && format().info().canWrite() && entry.has("canonical"),
        entry -> {
          RecordingChannel channel = RecordingChannel.fast();
          try (WeightFile file = open(entry)) {
            format().write(channel, file);
          }
          assertArrayEquals(Files.readAllBytes(path(entry)), channel.bytes());
        });
  }

  // ---- verdicts

  private void readsOrMayRefuse(Settings entry) throws IOException {
    try {
      assertReads(entry);
    } catch (TantraException e) {
      assertFalse(must(entry), () -> "refused: " + e.getMessage());
      assertCleanRefusal(entry, e);
    }
  }

  private void refusesOrMayRead(Settings entry) throws IOException {
    boolean whenRead = entry.text("stage", "open").equals("open-or-read");
    try (WeightFile file = open(entry)) {
      if (!must(entry)) {
        assertHolds(entry, file);
        return;
      }
      if (whenRead) {
        WeightAssertions.assertReadable(file);
      }
      fail("accepted");
    } catch (TantraException e) {
      assertCleanRefusal(entry, e);
    }
  }

  private static void assertCleanRefusal(Settings entry, TantraException error) {
    String message = String.valueOf(error.getMessage());
    String fileName = String.valueOf(Path.of(entry.text("file")).getFileName());
    assertTrue(message.contains(fileName), () -> "names the file: " + message);
    assertTrue(
        error.kind() == ErrorKind.CORRUPT || error.kind() == ErrorKind.UNSUPPORTED,
        () -> error.kind() + ": " + message);
  }

  private void assertReads(Settings entry) throws IOException {
    try (WeightFile file = open(entry)) {
      assertHolds(entry, file);
    }
  }

  private static void assertHolds(Settings entry, WeightFile file) {
    Settings expected = entry.section("tensors");
    assertEquals(
        expected.keys(), file.tensors().stream().map(TensorInfo::name).collect(Collectors.toSet()));
    assertEquals(expected.keys().size(), file.tensors().size());
    for (String name : expected.keys()) {
      assertTensor(name, expected.section(name), file);
    }
    if (entry.has("metadata")) {
      assertEquals(entry.section("metadata").asMap(), Map.copyOf(file.metadata()));
    }
    Settings partly = entry.section("metadata_partial");
    for (String key : partly.keys()) {
      assertEquals(partly.text(key), file.metadata().get(key), key);
    }
  }

  private static void assertTensor(String name, Settings expected, WeightFile file) {
    try (Arena scratch = Arena.ofConfined()) {
      TensorView view = file.tensor(name, scratch);
      assertEquals(expected.text("dtype"), view.dtype().name(), name);
      assertEquals(expected.integers("shape").toString(), view.shape().toString(), name);
      assertEquals((long) expected.number("nbytes"), view.memory().byteSize(), name);
      assertEquals(expected.text("sha256"), sha256(view.memory()), name);
    }
  }

  // ---- steps

  private interface Check {
    void of(Settings entry) throws IOException;
  }

  private Stream<DynamicTest> tests(Predicate<Settings> wanted, Check check) throws IOException {
    List<Settings> entries = index().list("files").stream().map(this::entry).toList();
    assertFalse(entries.isEmpty());
    return entries.stream()
        .filter(wanted)
        .map(entry -> DynamicTest.dynamicTest(entry.text("file"), () -> check.of(entry)));
  }

  private Settings entry(Object values) {
    Map<String, Object> wrapped = Map.of("entry", values);
    return Settings.of("index.json", wrapped).section("entry");
  }

  private boolean own(Settings entry) {
    return formats().contains(entry.text("format"));
  }

  private static boolean ok(Settings entry) {
    return entry.text("verdict").equals("ok");
  }

  private static boolean must(Settings entry) {
    return entry.text("level").equals("must");
  }

  private Path path(Settings entry) {
    return corpus().file(entry.text("file"));
  }

  private WeightFile open(Settings entry) throws IOException {
    return format().open(path(entry), OpenOptions.NONE);
  }

  private Probe probe(Settings entry) throws IOException {
    try (InputStream bytes = Files.newInputStream(path(entry))) {
      byte[] head = bytes.readNBytes(FileHead.MAXIMUM_BYTES);
      return format().probe(new FileHead(head, Files.size(path(entry))));
    }
  }

  private static String sha256(MemorySegment memory) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(memory.asByteBuffer());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
