package org.tantra.plugin.gpt2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.PublishedManifest;

/// Weights before there are any.
final class Gpt2PlanTest {
  @Test
  void gpt2IsPlannedAsPublished() {
    PublishedManifest.assertPlanned(new Gpt2Model(), getClass(), "gpt2");
  }

  @Test
  void distilGpt2IsPlannedAsPublished() {
    PublishedManifest.assertPlanned(new DistilGpt2Model(), getClass(), "distilgpt2");
  }

  @Test
  void loaderReadsWhatIsPlanned() {
    PlannedCheckpoint.assertPlanAndLoaderAgree(
        new Gpt2Model(), new Gpt2Model().sizes().getOrDefault("small", Map.of()));
    PlannedCheckpoint.assertPlanAndLoaderAgree(
        new DistilGpt2Model(), new DistilGpt2Model().sizes().getOrDefault("small", Map.of()));
    PlannedCheckpoint.assertPlanAndLoaderAgree(
        new Gpt2Model(),
        Map.of(
            "vocab_size",
            40,
            "n_embd",
            12,
            "n_head",
            3,
            "n_layer",
            3,
            "n_inner",
            20,
            "n_positions",
            9,
            "tie_word_embeddings",
            false));
  }

  @Test
  void keysOfTheConfigurationFolderAreUnderstood() {
    Settings model =
        Settings.of(
            "Config/gpt2.yaml",
            Map.of(
                "d_model", 24, "n_layers", 2, "n_heads", 3, "max_seq_len", 10, "vocab_size", 30));
    long layer = 4 * 24 + 24 * 72 + 72 + 24 * 24 + 24 + 2 * 24 * 96 + 96 + 24;
    assertEquals(
        30 * 24 + 10 * 24 + 2 * layer + 2 * 24,
        new Gpt2Model().weightPlan(model).orElseThrow().parameters());
  }

  @Test
  void impossibleSizesAreTheCallersMistake() {
    TantraException e =
        assertThrows(
            TantraException.class,
            () ->
                new Gpt2Model()
                    .weightPlan(Settings.of("Config/gpt2.yaml", Map.of("d_model", 100))));
    assertEquals(ErrorKind.INVALID, e.kind());
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("Config/gpt2.yaml: n_embd is 100"),
        e.getMessage());
  }
}
