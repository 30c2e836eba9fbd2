package org.tantra.plugin.mamba;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.testkit.GoldenCase;

/// Outputs against those of the reference implementations.
final class MambaGoldenTest {
  private static final Set<String> INPUTS =
      Set.of("input_ids", "batch.input_ids", "batch.attention_mask");

  @ParameterizedTest
  @ValueSource(strings = {"mamba-tiny", "mamba-ssm-tiny", "mamba2-tiny"})
  void everyExpectedOutputIsInsideTolerance(String name) {
    try (GoldenCase golden = GoldenCase.of(getClass(), name)) {
      List<Finding> findings = new MambaParity().run(golden);

      findings.forEach(finding -> assertTrue(finding.within(), finding.toString()));
      Set<String> outputs = golden.expectedNames();
      outputs.removeAll(INPUTS);
      assertEquals(
          outputs,
          findings.stream().map(Finding::output).collect(Collectors.toCollection(TreeSet::new)));
    }
  }

  @Test
  void anotherEpsilonIsOutsideTolerance() {
    try (GoldenCase golden =
        GoldenCase.of(getClass(), "mamba-tiny").with("layer_norm_epsilon", 1e-6)) {
      assertTrue(new MambaParity().run(golden).stream().anyMatch(finding -> !finding.within()));
    }
  }

  @Test
  void newerSpellingOfInfinityIsUnderstood() {
    List<Object> limits = List.of(0.0, Map.of("__float__", "Infinity"));
    try (GoldenCase golden =
        GoldenCase.of(getClass(), "mamba2-tiny").with("time_step_limit", limits)) {
      assertTrue(new MambaParity().run(golden).stream().allMatch(Finding::within));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mamba-tiny", "mamba-ssm-tiny", "mamba2-tiny"})
  void sizesFollowFromTheWeightsAlone(String name) {
    try (GoldenCase golden = GoldenCase.of(getClass(), name).withoutFile("config.json")) {
      assertTrue(new MambaParity().run(golden).stream().allMatch(Finding::within));
    }
  }
}
