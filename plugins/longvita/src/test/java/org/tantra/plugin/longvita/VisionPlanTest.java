package org.tantra.plugin.longvita;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.PublishedManifest;
import org.tantra.testkit.TestLoadContext;

final class VisionPlanTest {
  private final LongVitaEncoder encoder = new LongVitaEncoder();

  @ParameterizedTest
  @ValueSource(strings = {"long-vita-16k.vision.hf", "internvit-300m-448px.hf"})
  void planIsWhatWasPublished(String name) {
    PublishedManifest.assertPlanned(encoder, getClass(), name);
  }

  @Test
  void plannedWeightsLoad() {
    Map<String, Object> small = requireNonNull(encoder.sizes().get("small"));
    WeightPlan plan = encoder.weightPlan(Settings.of("small", small)).orElseThrow();
    try (LoadedEncoder loaded =
        encoder.load(TestLoadContext.empty().withCheckpoint(PlannedCheckpoint.of(plan, small)))) {
      assertEquals(4 * plan.parameters(), loaded.residentBytes());
    }
  }

  @Test
  void impossibleSizesAreTheCallersMistake() {
    assertThrows(
        TantraException.class,
        () ->
            encoder.weightPlan(Settings.of("test", Map.of("model_type", "vit", "patch_size", 0))));
  }
}
