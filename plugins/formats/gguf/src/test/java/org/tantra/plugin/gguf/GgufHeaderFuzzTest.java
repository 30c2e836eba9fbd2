package org.tantra.plugin.gguf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightAssertions;

/// Any bytes are read or refused. A normal run replays the corpus; `-Pfuzz` searches.
final class GgufHeaderFuzzTest {
  @MethodSource("files")
  @FuzzTest(maxDuration = "1m") // must be the last annotation
  void anyFileIsReadOrRefused(byte[] bytes) {
    MemorySegment file = MemorySegment.ofArray(bytes);
    try {
      GgufHeader header = GgufHeader.read(file, new Refusal("fuzzed.gguf"));
      GgufFile opened = new GgufFile(file, header);
      WeightAssertions.assertReadable(opened);
      assertTrue(header.metadata().keySet().containsAll(opened.attributes().keys()));
    } catch (TantraException e) {
      assertTrue(
          e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.UNSUPPORTED, e.getMessage());
    }
  }

  static Stream<byte[]> files() throws IOException {
    return Fixture.of("golden/corpus/gguf").files().stream()
        .map(GgufHeaderFuzzTest::bytes)
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
