package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.ParityCheck;

/// The golden cases through the whole host: drop-in jars, safetensors plugin, model plugin.
final class ParityTest {
  @TempDir Path home;

  @ParameterizedTest
  @CsvSource({
    "pf4j, gpt2-tiny",
    "felix, gpt2-tiny",
    "pf4j, gpt2-tiny-prefixed",
    "pf4j, distilgpt2-tiny"
  })
  void outputsAgreeWithTheReference(String runtime, String golden) throws IOException {
    Installation.fill(home, List.of("gpt2", "safetensors"));
    try (Installation installation = Installation.start(home, runtime)) {
      List<ParityCheck.Finding> findings = installation.host().parity(Installation.golden(golden));

      assertFalse(findings.isEmpty());
      for (ParityCheck.Finding finding : findings) {
        assertTrue(finding.within(), finding::toString);
        assertTrue(finding.maximumRelative() <= 1e-4, finding::toString);
      }
    }
  }
}
