package org.tantra.plugin.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.testkit.Fixture;

/// Any bytes give a header or `CORRUPT`. A normal run replays the corpus; `-Pfuzz` searches.
final class SafetensorsFuzzTest {
  private static final int DATA_BYTES = 24;

  @MethodSource("corpusHeaders")
  @FuzzTest(maxDuration = "1m") // must be the last annotation
  void anyHeaderIsReadOrCorrupt(byte[] json) {
    try {
      SafetensorsHeader header =
          SafetensorsHeader.parse(json, DATA_BYTES, new Refusal("fuzzed.safetensors"));
      long covered = header.entries().stream().mapToLong(entry -> entry.info().byteSize()).sum();
      assertEquals(DATA_BYTES, covered);
    } catch (TantraException e) {
      assertEquals(ErrorKind.CORRUPT, e.kind(), e.getMessage());
    }
  }

  static Stream<byte[]> corpusHeaders() throws IOException {
    return Fixture.of("golden/corpus/safetensors").files().stream()
        .map(SafetensorsFuzzTest::afterLength);
  }

  private static byte[] afterLength(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      return Arrays.copyOfRange(bytes, Math.min(8, bytes.length), bytes.length);
    } catch (IOException e) {
      throw new AssertionError("unreadable seed " + file, e);
    }
  }
}
