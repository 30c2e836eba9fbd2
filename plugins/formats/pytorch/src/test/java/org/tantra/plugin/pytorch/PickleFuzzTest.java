package org.tantra.plugin.pytorch;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.tantra.api.TantraException;
import org.tantra.plugin.pytorch.zip.ZipArchive;

/// Any bytes as the pickle of a sound archive give weights or a refusal. The archive is made anew
/// around them, because its checksum would hide the pickle from the search. A normal run replays
/// the corpus; `-Pfuzz` searches.
final class PickleFuzzTest {
  @MethodSource("pickles")
  @FuzzTest(maxDuration = "1m") // must be the last annotation
  void anyPickleGivesWeightsOrARefusal(byte[] pickle) throws IOException {
    byte[] archive = Archives.around(pickle);
    Archives.assertReadOrRefused(
        arena -> TorchZip.open(MemorySegment.ofArray(archive), "fuzzed.pt", arena));
  }

  static Stream<byte[]> pickles() {
    return Corpus.entries().stream().flatMap(PickleFuzzTest::pickle);
  }

  private static Stream<byte[]> pickle(Corpus.Entry entry) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = MemorySegment.ofArray(Corpus.bytes(entry));
      ZipArchive archive = ZipArchive.read(file, entry.toString());
      return archive.entries().stream()
          .filter(record -> record.name().endsWith("/data.pkl") && record.size() < 10_000)
          .map(record -> archive.content(record, arena).toArray(ValueLayout.JAVA_BYTE))
          .toList()
          .stream();
    } catch (TantraException e) {
      return Stream.empty(); // no archive: nothing to take a seed from
    }
  }
}
