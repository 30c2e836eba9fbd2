package org.tantra.plugin.pytorch;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Any bytes as a legacy stream give weights or a refusal. A normal run replays the corpus;
/// `-Pfuzz` searches.
final class LegacyFuzzTest {
  @MethodSource("streams")
  @FuzzTest(maxDuration = "1m") // must be the last annotation
  void anyStreamGivesWeightsOrARefusal(byte[] bytes) {
    Archives.assertReadOrRefused(_ -> TorchLegacy.open(MemorySegment.ofArray(bytes), "fuzzed.pt"));
  }

  static Stream<byte[]> streams() {
    return Corpus.entries().stream()
        .filter(entry -> entry.expected().get("format").asText().equals("torch-legacy"))
        .map(Corpus::bytes);
  }
}
