package org.tantra.plugin.numpy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.testkit.Fixture;

/// Any bytes are read as an array or refused. A normal run replays the corpus; `-Pfuzz` searches.
final class NpyHeaderFuzzTest {
  @MethodSource("arrays")
  @FuzzTest(maxDuration = "1m") // must be the last annotation
  void anyArrayIsReadOrRefused(byte[] bytes) {
    try (Arena scratch = Arena.ofConfined()) {
      byte[] head = Arrays.copyOf(bytes, Math.min(bytes.length, NpyHeader.MOST_BYTES));
      NpyHeader header = NpyHeader.parse(head, bytes.length, "'fuzzed.npy'");
      MemorySegment data = MemorySegment.ofArray(bytes).asSlice(header.dataOffset());
      assertEquals(data.byteSize(), NpyArray.view(header, data, scratch).memory().byteSize());
    } catch (TantraException e) {
      assertTrue(
          e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.UNSUPPORTED, e.getMessage());
    }
  }

  static Stream<byte[]> arrays() throws IOException {
    return Fixture.of("golden/corpus/numpy").files().stream()
        .filter(file -> file.toString().endsWith(".npy"))
        .map(NpyHeaderFuzzTest::bytes);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new AssertionError("unreadable seed " + file, e);
    }
  }
}
