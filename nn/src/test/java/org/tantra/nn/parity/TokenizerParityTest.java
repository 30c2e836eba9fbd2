package org.tantra.nn.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.testkit.GoldenCase;

final class TokenizerParityTest {
  /// With three findings for each text where there is a vocabulary, else one, and one for all.
  @ParameterizedTest
  @CsvSource({"gpt2-bpe, 90", "gpt2-bpe-tiny, 102", "qwen2-bpe, 31"})
  void idsAgreeWithTheReference(String name, int findings) {
    try (GoldenCase golden = GoldenCase.of(TokenizerParityTest.class, name)) {
      golden.file("vocab.json").ifPresent(file -> golden.withJson("vocab.json", parsed(file)));
      List<Finding> found = new TokenizerParity(golden).run();

      assertEquals(findings, found.size());
      found.forEach(finding -> assertTrue(finding.within(), finding::toString));
    }
  }

  private static Map<String, Object> parsed(MemorySegment json) {
    try {
      return new ObjectMapper()
          .readValue(json.toArray(ValueLayout.JAVA_BYTE), new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
