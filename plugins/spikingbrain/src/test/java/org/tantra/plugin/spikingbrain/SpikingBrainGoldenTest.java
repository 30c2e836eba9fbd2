package org.tantra.plugin.spikingbrain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.testkit.GoldenCase;

/// Outputs against those of the reference implementations.
final class SpikingBrainGoldenTest {
  private static final Set<String> INPUTS =
      Set.of(
          "input_ids",
          "batch.input_ids",
          "batch.attention_mask",
          "batch.position_ids",
          "x",
          "weight",
          "ties.x",
          "quantize_sym.x",
          "weight_quantizer.weight",
          "weight_quantizer.scales");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spikingbrain-gpt-tiny",
        "spikingbrain-gpt-k8-tiny",
        "spikingbrain-tiny",
        "spikingbrain-tiny-bin",
        "spikingbrain-w8aspike-tiny",
        "spike-coding"
      })
  void everyExpectedOutputIsInsideTolerance(String name) {
    try (GoldenCase golden = GoldenCase.of(getClass(), name)) {
      List<Finding> findings = new SpikingBrainParity().run(golden);

      findings.forEach(finding -> assertTrue(finding.within(), finding.toString()));
      Set<String> outputs = golden.expectedNames();
      outputs.removeAll(INPUTS);
      Set<String> found = new TreeSet<>();
      findings.forEach(finding -> found.add(finding.output()));
      outputs.removeAll(found);
      assertEquals(Set.of(), outputs);
    }
  }
}
