package org.tantra.plugin.numpy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.MemoryWeights;

final class NumpyFormatTest {
  @TempDir Path folder;

  @Test
  void storedArrayIsAnAlignedViewOfTheFile() throws IOException {
    Path file = folder.resolve("w.npz");
    var weights = MemoryWeights.of(Map.of("a/b", TensorView.of(new float[] {1, 2}, 2)));
    Files.write(file, write(weights));

    try (WeightFile opened = new NpzFormat().open(file, OpenOptions.NONE);
        Arena scratch = Arena.ofConfined()) {
      TensorView view = opened.tensor("a/b", scratch);

      assertTrue(view.memory().isMapped());
      assertEquals(0, view.memory().address() % 64);
      assertEquals(2f, view.floatAt(1));
    }
  }

  @Test
  void objectsAreNeverRead() {
    Path file = Fixture.of("golden/corpus/numpy/reject").file("object_array_malicious.npy");

    var error =
        assertThrows(TantraException.class, () -> new NpyFormat().open(file, OpenOptions.NONE));

    assertEquals(ErrorKind.UNSUPPORTED, error.kind());
    assertEquals(
        "'object_array_malicious.npy' cannot be read: its elements ('|O') are Python objects,"
            + " which are a pickle and are never read. Save plain numbers.",
        error.getMessage());
    assertEquals("object-array", error.code());
  }

  @Test
  void structuresAreNamedAsPythonWritesThem() throws IOException {
    String text = "{'descr': [('LOSS', '<f4', (2,))], 'fortran_order': False, 'shape': (), }";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("\u0093NUMPY\1\0".getBytes(StandardCharsets.ISO_8859_1));
    bytes.writeBytes(new byte[] {(byte) text.length(), 0});
    bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    Path file = Files.write(folder.resolve("structure.npy"), bytes.toByteArray());

    var error =
        assertThrows(TantraException.class, () -> new NpyFormat().open(file, OpenOptions.NONE));

    assertEquals("unsupported-dtype", error.code());
    assertEquals(
        "'structure.npy' cannot be read: its elements ('[('LOSS', '<f4', (2))]') are no plain"
            + " numbers of a known kind. Convert them with astype.",
        error.getMessage());
  }

  @Test
  void nothingHidesBehindACharacterThatIsNone() throws IOException {
    String text = "{'descr': '|u1', 'fortran_order': False, 'shape': (), }\uffff, evil()";
    byte[] header = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("\u0093NUMPY\3\0".getBytes(StandardCharsets.ISO_8859_1));
    bytes.writeBytes(new byte[] {(byte) header.length, 0, 0, 0});
    bytes.writeBytes(header);
    bytes.write(7);
    Path file = Files.write(folder.resolve("hidden.npy"), bytes.toByteArray());

    var error =
        assertThrows(TantraException.class, () -> new NpyFormat().open(file, OpenOptions.NONE));

    assertEquals(ErrorKind.CORRUPT, error.kind());
    assertTrue(String.valueOf(error.getMessage()).contains("byte 67: expected the end"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../up", "/root", "C:drive", "back\\slash", "nul\0", "half \ud83d"})
  void namesThatAreNoSafePathsAreNotWritten(String name) {
    var weights = MemoryWeights.of(Map.of(name, TensorView.of(new float[] {1}, 1)));
    var error = assertThrows(TantraException.class, () -> write(weights));
    assertEquals(ErrorKind.UNSUPPORTED, error.kind());
  }

  private static byte[] write(MemoryWeights weights) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new NpzFormat().write(Channels.newChannel(bytes), weights);
    return bytes.toByteArray();
  }
}
