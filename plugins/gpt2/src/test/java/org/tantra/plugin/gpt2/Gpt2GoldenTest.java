package org.tantra.plugin.gpt2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ParityCheck.Finding;

/// Outputs against those of the reference implementation.
final class Gpt2GoldenTest {
  private static final Set<String> INPUTS =
      Set.of("input_ids", "batch.input_ids", "batch.attention_mask", "batch.position_ids");

  @ParameterizedTest
  @ValueSource(strings = {"gpt2-tiny", "gpt2-tiny-prefixed", "distilgpt2-tiny"})
  void everyExpectedOutputIsInsideTolerance(String name) {
    try (GoldenCase golden = GoldenCase.of(name)) {
      List<Finding> findings = new Gpt2Parity().run(golden);

      findings.forEach(finding -> assertTrue(finding.within(), finding.toString()));
      assertEquals(expectedOutputs(golden), outputs(findings));
    }
  }

  @Test
  void anotherActivationIsOutsideTolerance() {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").with("activation_function", "gelu")) {
      assertTrue(new Gpt2Parity().run(golden).stream().anyMatch(finding -> !finding.within()));
    }
  }

  private static Set<String> expectedOutputs(GoldenCase golden) {
    Set<String> names = new TreeSet<>();
    golden.tensors().orElseThrow().tensors().forEach(tensor -> names.add(tensor.name()));
    names.removeAll(INPUTS);
    return names;
  }

  private static Set<String> outputs(List<Finding> findings) {
    return findings.stream().map(Finding::output).collect(Collectors.toCollection(TreeSet::new));
  }
}
