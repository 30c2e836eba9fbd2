package org.tantra.plugin.numpy.zip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.testkit.Fixture;

/// Any bytes are read as an archive or refused. A normal run replays the corpus; `-Pfuzz` searches.
final class ZipArchiveFuzzTest {
  @MethodSource("archives")
  @FuzzTest(maxDuration = "1m") // must be the last annotation
  void anyArchiveIsReadOrRefused(byte[] bytes) {
    try (Arena scratch = Arena.ofConfined()) {
      ZipArchive archive = ZipArchive.of("fuzzed.npz", MemorySegment.ofArray(bytes));
      for (ZipEntry entry : archive.entries()) {
        assertEquals(entry.bytes(), archive.read(entry, scratch).byteSize());
      }
    } catch (TantraException e) {
      assertTrue(
          e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.UNSUPPORTED, e.getMessage());
    }
  }

  static Stream<byte[]> archives() throws IOException {
    return Fixture.of("golden/corpus/numpy").files().stream()
        .filter(file -> file.toString().endsWith(".npz"))
        .map(ZipArchiveFuzzTest::bytes);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new AssertionError("unreadable seed " + file, e);
    }
  }
}
