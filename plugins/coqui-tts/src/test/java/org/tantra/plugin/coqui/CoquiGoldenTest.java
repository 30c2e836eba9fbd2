package org.tantra.plugin.coqui;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ParityCheck;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.testkit.GoldenCase;

/// Outputs against those of the reference implementation.
final class CoquiGoldenTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "griffinlim-256",
        "griffinlim-win-lt-fft",
        "taco2-lsa-r1",
        "taco2-forward-agent",
        "taco2-bn-prenet",
        "hifigan-v2-tiny",
        "hifigan-type2-param",
        "coqui-audio",
        "coqui-text"
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
