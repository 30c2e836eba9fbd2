package org.tantra.plugin.spikingbrain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tantra.api.Settings;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.PublishedManifest;

/// Weights before there are any.
final class SpikingBrainPlanTest {
  private final SpikingBrainModel model = new SpikingBrainModel();

  @Test
  void spikingBrain7bIsPlannedAsPublished() {
    PublishedManifest.assertPlanned(model, getClass(), "spikingbrain-7b");
  }

  @Test
  void fullTrunkHasAHeadOfItsOwn() {
    Settings full = Settings.of("full", model.sizes().getOrDefault("full", Map.of()));
    assertEquals(120_509_952, model.weightPlan(full).orElseThrow().parameters());
  }

  @Test
  void loaderReadsWhatIsPlanned() {
    PlannedCheckpoint.assertPlanAndLoaderAgree(
        model, model.sizes().getOrDefault("small", Map.of()));
    PlannedCheckpoint.assertPlanAndLoaderAgree(
        model,
        Map.of(
            "model_type",
            "gla_swa",
            "vocab_size",
            50,
            "hidden_size",
            16,
            "num_hidden_layers",
            3,
            "num_attention_heads",
            4,
            "num_key_value_heads",
            2,
            "intermediate_size",
            24,
            "gate_low_rank_dim",
            3));
  }
}
