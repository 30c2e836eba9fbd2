package org.tantra.plugin.whisper;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ParityCheck;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.testkit.GoldenCase;

/// Outputs against those of the reference implementations.
final class WhisperGoldenTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mel-filterbanks",
        "wav-formats",
        "whisper-logmel-tones",
        "whisper-logmel-stereo44k",
        "whisper-hf-d32",
        "whisper-openai-d32",
        "whisper-timestamp-rules",
        "whisper-utils",
        "whisper-writers",
        "whisper-longform-script",
        "whisper-alignment",
        "whisper-tokenizer",
        "whisper-e2e-tiny"
      })
  void everyExpectedOutputIsInsideTolerance(String name) {
    try (GoldenCase golden = GoldenCase.of(getClass(), name)) {
      List<Finding> findings = check(golden.family()).run(golden);

      assertFalse(findings.isEmpty());
      findings.forEach(finding -> assertTrue(finding.within(), finding.toString()));
    }
  }

  private static ParityCheck check(String family) {
    return ServiceLoader.load(ParityCheck.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(check -> check.families().contains(family))
        .findFirst()
        .orElseThrow();
  }
}
