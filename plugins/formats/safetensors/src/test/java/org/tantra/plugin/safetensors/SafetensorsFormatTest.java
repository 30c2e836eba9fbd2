package org.tantra.plugin.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.MemoryWeights;

final class SafetensorsFormatTest {
  private static final String ENTRY =
      "{\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}";

  @TempDir Path folder;

  @Test
  void messageOfCutDataSaysHowMuchIsMissing() throws IOException {
    Path file = file(ENTRY, 3);

    var error = assertThrows(TantraException.class, () -> open(file));

    assertEquals(
        "'model.safetensors' is cut short: its header describes 4 data bytes, the file has 3."
            + " Fetch it again and compare checksums.",
        error.getMessage());
  }

  @Test
  void messageOfBadJsonSaysWhichByteOfTheFile() throws IOException {
    Path file = file("{\"w\":{\"dtype\":\"U8\",}}", 4);

    var error = assertThrows(TantraException.class, () -> open(file));

    assertEquals(
        "'model.safetensors' is no sound safetensors file: byte 27: expected a name in quotes,"
            + " found '}'. Fetch it again and compare checksums.",
        error.getMessage());
  }

  @Test
  void messageShowsAHostileNameOnOneShortLine() throws IOException {
    String name = "\\n\\u001b".repeat(500);
    Path file = file(ENTRY.replace("\"w\"", "\"" + name + "\"").replace("[4]", "[5]"), 4);

    var error = assertThrows(TantraException.class, () -> open(file));

    String message = String.valueOf(error.getMessage());
    assertTrue(message.length() < 400, message);
    assertTrue(message.chars().noneMatch(symbol -> symbol < ' '), message);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 50, 126})
  void extraFieldMayNestAsDeepAsTheReferenceAllows(int depth) throws IOException {
    try (WeightFile file = open(file(nested(depth), 4))) {
      assertEquals(1, file.tensors().size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {127, 100_000})
  void deeperNestingIsCorrupt(int depth) throws IOException {
    Path file = file(nested(depth), 4);
    var error = assertThrows(TantraException.class, () -> open(file));
    assertEquals(ErrorKind.CORRUPT, error.kind());
  }

  private static String nested(int depth) {
    return ENTRY.replace("}}", ",\"extra\":" + "[".repeat(depth) + "]".repeat(depth) + "}}");
  }

  @Test
  void openingAGigabyteReadsTheHeaderAndNothingElse() throws IOException {
    long elements = 1L << 28;
    Path file =
        file(
            "{\"w\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
                .formatted(elements, elements * 4),
            0);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(sparse.length() + elements * 4);
    }
    open(file).close(); // loads the classes
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    try (WeightFile opened = open(file);
        Arena scratch = Arena.ofConfined()) {
      TensorView view = opened.tensor("w", scratch);

      assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 100_000);
      assertEquals(elements * 4, view.memory().byteSize());
      assertEquals(0f, view.floatAt(elements - 1));
    }
  }

  @Test
  void fileIsSpelledAsTheReferenceSpellsIt() throws IOException {
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    tensors.put("a", bytes(1, 2));
    tensors.put("\ud83d\ude00", TensorView.of(new float[] {1}, 1));
    tensors.put("\uffff\u0007\"", TensorView.of(new float[] {0}));

    byte[] written = write(MemoryWeights.of(tensors).withMetadata(Map.of("z", "", "k", "/\u2028")));

    String json =
        "{\"__metadata__\":{\"k\":\"/\u2028\",\"z\":\"\"},"
            + "\"\uffff\\u0007\\\"\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
            + "\"\ud83d\ude00\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
            + "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[8,10]}}";
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    int padding = Math.floorMod(-header.length, 8);
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.writeBytes(new byte[] {(byte) (header.length + padding), 0, 0, 0, 0, 0, 0, 0});
    expected.writeBytes(header);
    expected.writeBytes(" ".repeat(padding).getBytes(StandardCharsets.UTF_8));
    expected.writeBytes(new byte[] {0, 0, 0, 0, 0, 0, (byte) 0x80, 0x3f, 1, 2});
    assertArrayEquals(expected.toByteArray(), written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"__metadata__", "half \ud83d"})
  void namesThatCannotBeHeldAreRefused(String name) {
    var weights = MemoryWeights.of(Map.of(name, bytes(1)));
    var error = assertThrows(TantraException.class, () -> write(weights));
    assertEquals(ErrorKind.UNSUPPORTED, error.kind());
  }

  private static TensorView bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return new TensorView(DType.U8, Shape.of(bytes.length), MemorySegment.ofArray(bytes));
  }

  private static byte[] write(WeightSource source) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new SafetensorsFormat().write(Channels.newChannel(bytes), source);
    return bytes.toByteArray();
  }

  private static WeightFile open(Path file) throws IOException {
    return new SafetensorsFormat().open(file, OpenOptions.NONE);
  }

  /// A file of this header and so many zero bytes.
  private Path file(String json, int dataBytes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    for (int shift = 0; shift < 64; shift += 8) {
      bytes.write((int) ((long) header.length >>> shift));
    }
    bytes.writeBytes(header);
    bytes.writeBytes(new byte[dataBytes]);
    return Files.write(folder.resolve("model.safetensors"), bytes.toByteArray());
  }
}
