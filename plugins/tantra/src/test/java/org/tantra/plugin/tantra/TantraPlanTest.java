package org.tantra.plugin.tantra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.PublishedManifest;

/// Weights before there are any.
final class TantraPlanTest {
  private final TantraModel model = new TantraModel();

  @Test
  void version1IsPlannedAsPublished() {
    PublishedManifest.assertPlanned(model, getClass(), "tantra-multimodal-v1.0");
  }

  @Test
  void everySizeIsThePublishedOne() {
    model
        .sizes()
        .forEach(
            (name, config) ->
                assertEquals(
                    5_002_432,
                    model.weightPlan(Settings.of(name, config)).orElseThrow().parameters()));
    assertEquals(
        5_002_432, model.weightPlan(Settings.empty("an empty section")).orElseThrow().parameters());
  }

  @Test
  void loaderReadsWhatIsPlanned() {
    PlannedCheckpoint.assertPlanAndLoaderAgree(
        model,
        Map.of(
            "vocab_size",
            70,
            "d_model",
            12,
            "num_layers",
            3,
            "nhead",
            3,
            "dim_feedforward",
            20,
            "max_len",
            9));
  }

  @Test
  void impossibleSizesAreTheCallersMistake() {
    for (var bad : Map.of("d_model", 100, "n_layers", 0, "vocab_size", -3).entrySet()) {
      TantraException e =
          assertThrows(
              TantraException.class,
              () -> model.weightPlan(Settings.of("here", Map.of(bad.getKey(), bad.getValue()))));
      assertEquals(ErrorKind.INVALID, e.kind(), e.getMessage());
    }
  }
}
