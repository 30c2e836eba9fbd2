package org.tantra.plugin.tantra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.testkit.GoldenCase;

/// Outputs against those of the reference implementation.
final class TantraGoldenTest {
  private static final Set<String> INPUTS =
      Set.of(
          "input_ids", "image", "batch.input_ids", "batch.image", "one.input_ids", "max.input_ids");

  @Test
  void everyExpectedOutputIsInsideTolerance() {
    try (GoldenCase golden = GoldenCase.of(getClass(), "tantra-mm-tiny")) {
      List<Finding> findings = new TantraParity().run(golden);

      findings.forEach(finding -> assertTrue(finding.within(), finding.toString()));
      Set<String> outputs = golden.expectedNames();
      outputs.removeAll(INPUTS);
      assertEquals(
          outputs,
          findings.stream().map(Finding::output).collect(Collectors.toCollection(TreeSet::new)));
    }
  }

  @Test
  void anotherNumberOfHeadsIsOutsideTolerance() {
    try (GoldenCase golden = GoldenCase.of(getClass(), "tantra-mm-tiny").with("nhead", 4)) {
      assertTrue(new TantraParity().run(golden).stream().anyMatch(finding -> !finding.within()));
    }
  }

  @Test
  void sizesFollowFromTheWeightsAlone() {
    try (GoldenCase golden =
        GoldenCase.of(getClass(), "tantra-mm-tiny").withoutFile("config.json")) {
      assertTrue(new TantraParity().run(golden).stream().allMatch(Finding::within));
    }
  }
}
