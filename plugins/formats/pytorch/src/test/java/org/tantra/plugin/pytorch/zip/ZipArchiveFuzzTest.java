package org.tantra.plugin.pytorch.zip;

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

/// Any bytes are an archive or refused. A normal run replays the corpus; `-Pfuzz` searches.
final class ZipArchiveFuzzTest {
  @MethodSource("archives")
  @FuzzTest(maxDuration = "1m") // must be the last annotation
  void anyArchiveIsReadOrRefused(byte[] bytes) {
    try (Arena scratch = Arena.ofConfined()) {
      ZipArchive archive = ZipArchive.read(MemorySegment.ofArray(bytes), "fuzzed.zip");
      for (ZipEntry entry : archive.entries()) {
        assertEquals(entry.size(), archive.content(entry, scratch).byteSize());
      }
    } catch (TantraException e) {
      assertTrue(
          e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.UNSUPPORTED, e.getMessage());
    }
  }

  static Stream<byte[]> archives() throws IOException {
    return Stream.concat(
            Fixture.of("golden/corpus/torch/reject/zip").files().stream(),
            Fixture.of("golden/corpus/torch/ok").files().stream())
        .map(ZipArchiveFuzzTest::bytes)
        .filter(bytes -> bytes.length < 5_000);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new AssertionError("unreadable seed " + file, e);
    }
  }
}
