package org.tantra.plugin.longvita;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ParityCheck;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.testkit.GoldenCase;

/// Outputs against those of the reference implementations.
final class VisionGoldenTest {
  private static List<Finding> run(ParityCheck check, String name) {
    try (GoldenCase golden = GoldenCase.of(VisionGoldenTest.class, name)) {
      List<Finding> findings = check.run(golden);
      findings.forEach(finding -> assertTrue(finding.within(), finding.toString()));
      return findings;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "internvit-longvita-tiny",
        "internvit-bf16-tiny",
        "vit-hf-tiny",
        "clip-vision-hf-tiny"
      })
  void everyOutputOfATowerIsInsideTolerance(String name) {
    Set<String> seen =
        run(new VisionParity(), name).stream()
            .map(Finding::output)
            .collect(Collectors.toCollection(TreeSet::new));
    try (GoldenCase golden = GoldenCase.of(getClass(), name)) {
      Set<String> outputs = golden.expectedNames();
      outputs.removeIf(output -> output.endsWith("in.pixel_values"));
      assertEquals(outputs, seen);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "longvita-pixels-up",
        "longvita-colour-modes",
        "longvita-tiles",
        "longvita-file-kinds",
        "longvita-inks",
        "longvita-thin-tiles"
      })
  void picturesBecomeTheSamePixels(String name) {
    assertFalse(run(new PreprocessingParity(), name).isEmpty());
  }

  @Test
  void rulesGiveTheSameNumbers() {
    assertTrue(run(new RulesParity(), "longvita-rules").size() > 50);
  }

  @Test
  void anotherActivationIsOutsideTolerance() {
    try (GoldenCase golden = GoldenCase.of(getClass(), "clip-vision-hf-tiny")) {
      golden.with(
          "vision_config",
          Map.of(
              "model_type", "clip_vision_model",
              "hidden_act", "gelu",
              "hidden_size", 32,
              "num_hidden_layers", 2,
              "num_attention_heads", 4,
              "intermediate_size", 64,
              "image_size", 32,
              "patch_size", 8));
      assertTrue(new VisionParity().run(golden).stream().anyMatch(finding -> !finding.within()));
    }
  }
}
