package org.tantra.plugin.raw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileHead;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.LeakCheck;

class RawFormatTest {
  private static final Fixture CORPUS = Fixture.of("golden/corpus");
  private static final OpenOptions SIX_FLOATS =
      new OpenOptions(new TensorInfo("array", DType.F32, Shape.of(6)), false);

  @TestFactory
  Stream<DynamicTest> everyFileGetsItsVerdict() throws IOException {
    return entries()
        .filter(entry -> entry.get("format").asText().equals("raw"))
        .map(entry -> DynamicTest.dynamicTest(entry.get("file").asText(), () -> check(entry)));
  }

  @TestFactory
  Stream<DynamicTest> noFileIsRecognisedByItsContent() throws IOException {
    return entries()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.get("file").asText(),
                    () ->
                        assertInstanceOf(
                            Probe.Declined.class, new RawFormat().probe(head(entry)))));
  }

  @Test
  void fileIsAcceptedWhenTheCallerSaysWhatItIs() {
    FileHead head = new FileHead(new byte[24], 24);
    assertInstanceOf(Probe.Accepted.class, new RawFormat().probe(head, SIX_FLOATS));
    assertInstanceOf(Probe.Declined.class, new RawFormat().probe(head, OpenOptions.NONE));
  }

  @Test
  void halvesOfBigEndianComplexNumbersAreSwappedApart() throws IOException {
    Path file = CORPUS.file("raw/ok/big_endian_f32_2x3.bin");
    TensorInfo complex = new TensorInfo("array", DType.C64, Shape.of(3));
    try (WeightFile floats = open(file, DType.F32, Shape.of(6), true);
        WeightFile same = new RawFormat().open(file, new OpenOptions(complex, true));
        Arena scratch = Arena.ofConfined()) {
      assertArrayEquals(
          floats.tensor("array", scratch).memory().toArray(ValueLayout.JAVA_BYTE),
          same.tensor("array", scratch).memory().toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void littleEndianNumbersAreAViewThatEndsWithTheFile() throws IOException {
    Path path = CORPUS.file("raw/ok/f32_4x6.bin");
    WeightFile file = open(path, DType.F32, Shape.of(4, 6), false);
    MemorySegment memory = file.tensor("array", Arena.global()).memory();
    assertTrue(memory.isMapped() && memory.isReadOnly());

    file.close();
    file.close();

    assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    LeakCheck.assertReleased(path);
  }

  @Test
  void unknownNameIsNotFound() throws IOException {
    try (WeightFile file =
        open(CORPUS.file("raw/ok/f32_4x6.bin"), DType.F32, Shape.of(24), false)) {
      var error = assertThrows(TantraException.class, () -> file.tensor("w", Arena.global()));
      assertEquals(ErrorKind.NOT_FOUND, error.kind());
    }
  }

  @Test
  void bigEndianBlocksAreRefused() {
    Path file = CORPUS.file("raw/ok/bf16_3x3.bin");
    var error =
        assertThrows(
            TantraException.class, () -> open(file, DType.Q4_0, Shape.of(32), true).close());
    assertEquals("unsupported-dtype", error.code());
  }

  private static void check(JsonNode entry) throws IOException {
    try (WeightFile file =
            new RawFormat().open(CORPUS.file(entry.get("file").asText()), options(entry));
        Arena scratch = Arena.ofConfined()) {
      assertEquals("ok", entry.get("verdict").asText());
      for (var tensor : entry.get("tensors").properties()) {
        assertEquals(
            tensor.getValue().get("sha256").asText(),
            sha256(file.tensor(file.tensors().getFirst().name(), scratch).memory()));
      }
    } catch (TantraException e) {
      assertRefusal(entry, String.valueOf(e.code()));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("'" + Path.of(entry.get("file").asText()).getFileName() + "'"));
    } catch (ArithmeticException e) {
      // A shape whose bytes overflow cannot even be put into words; the caller refuses it.
      assertRefusal(entry, "shape-overflow");
    }
  }

  private static void assertRefusal(JsonNode entry, String code) {
    assertFalse(entry.get("verdict").asText().equals("ok"), code);
    List<String> reasons = new ArrayList<>(List.of(entry.get("category").asText()));
    entry.path("alt_categories").forEach(reason -> reasons.add(reason.asText()));
    assertTrue(reasons.contains(code), code + " is none of " + reasons);
  }

  private static OpenOptions options(JsonNode entry) {
    JsonNode schema = entry.path("read_as");
    if (schema.isMissingNode()) {
      return OpenOptions.NONE;
    }
    long[] sizes =
        StreamSupport.stream(schema.get("shape").spliterator(), false)
            .mapToLong(JsonNode::asLong)
            .toArray();
    DType dtype = DType.named(schema.get("dtype").asText()).orElseThrow();
    return new OpenOptions(
        new TensorInfo("array", dtype, Shape.of(sizes)),
        schema.get("byteorder").asText().equals("big"));
  }

  private static WeightFile open(Path file, DType dtype, Shape shape, boolean bigEndian)
      throws IOException {
    return new RawFormat()
        .open(file, new OpenOptions(new TensorInfo("array", dtype, shape), bigEndian));
  }

  private static FileHead head(JsonNode entry) throws IOException {
    Path file = CORPUS.file(entry.get("file").asText());
    try (InputStream bytes = Files.newInputStream(file)) {
      return new FileHead(bytes.readNBytes(FileHead.MAXIMUM_BYTES), Files.size(file));
    }
  }

  private static Stream<JsonNode> entries() throws IOException {
    JsonNode index = new ObjectMapper().readTree(CORPUS.file("index.json").toFile());
    return StreamSupport.stream(index.get("files").spliterator(), false);
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
