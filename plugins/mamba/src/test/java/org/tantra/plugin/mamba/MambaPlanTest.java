package org.tantra.plugin.mamba;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.PublishedManifest;

/// Weights before there are any.
final class MambaPlanTest {
  private final MambaModel model = new MambaModel();

  @ParameterizedTest
  @ValueSource(strings = {"mamba-130m", "mamba-130m-hf", "mamba-370m-hf"})
  void publishedCheckpointsArePlannedAsPublished(String name) {
    PublishedManifest.assertPlanned(model, getClass(), name);
  }

  @Test
  void sizesOfTheEarlierLayoutAreKept() {
    assertEquals(691_840, parameters("small")); // 2.64 MB
    assertEquals(57_533_440, parameters("full"));
  }

  @Test
  void smallestPublishedSizeIsThatOfItsCheckpoint() {
    assertEquals(129_135_360, parameters("130m"));
  }

  private long parameters(String size) {
    Settings config = Settings.of(size, model.sizes().getOrDefault(size, Map.of()));
    return model.weightPlan(config).orElseThrow().parameters();
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void loaderReadsWhatIsPlanned(Map<String, Object> config) {
    PlannedCheckpoint.assertPlanAndLoaderAgree(model, config);
  }

  static List<Map<String, Object>> configurations() {
    return List.of(
        Map.of("d_model", 10, "n_layers", 2, "vocab_size", 30, "d_conv", 3),
        Map.of("d_model", 10, "n_layers", 2, "vocab_size", 30, "use_bias", false),
        Map.of(
            "model_type",
            "mamba",
            "hidden_size",
            12,
            "num_hidden_layers",
            2,
            "vocab_size",
            30,
            "use_bias",
            true),
        Map.of(
            "model_type",
            "mamba",
            "hidden_size",
            12,
            "num_hidden_layers",
            2,
            "vocab_size",
            30,
            "tie_word_embeddings",
            false,
            "use_conv_bias",
            false,
            "state_size",
            5,
            "time_step_rank",
            3,
            "expand",
            3),
        Map.of(
            "model_type",
            "mamba2",
            "hidden_size",
            12,
            "num_hidden_layers",
            2,
            "vocab_size",
            30,
            "num_heads",
            6,
            "head_dim",
            4,
            "n_groups",
            2,
            "state_size",
            7),
        Map.of("d_model", 12, "n_layer", 2, "vocab_size", 30, "pad_vocab_size_multiple", 16),
        Map.of(
            "d_model",
            12,
            "n_layer",
            2,
            "vocab_size",
            30,
            "ssm_cfg",
            Map.of("layer", "Mamba2", "headdim", 4, "d_state", 6, "ngroups", 3)));
  }

  @Test
  void publishedConfigurationIsCompletedByItsOwnDefaults() {
    Map<String, Object> published = Map.of("hidden_size", 12, "num_hidden_layers", 2);
    assertEquals(published, model.completed(published));
    assertEquals(50000, model.completed(Map.of("d_model", 12)).get("vocab_size"));
  }

  @Test
  void impossibleSizesAreTheCallersMistake() {
    assertRefused(ErrorKind.INVALID, Map.of("d_model", 0));
    assertRefused(ErrorKind.INVALID, Map.of("n_layers", 1 << 23));
    assertRefused(ErrorKind.INVALID, Map.of("d_model", "wide"));
    assertRefused(ErrorKind.INVALID, Map.of("hidden_size", 64, "d_model", 512)); // which?
    assertRefused(ErrorKind.INVALID, Map.of("n_layer", 2, "d_conv", 8));
    assertRefused(ErrorKind.UNSUPPORTED, Map.of("model_type", "jamba"));
    assertRefused(ErrorKind.UNSUPPORTED, Map.of("n_layer", 4, "d_intermediate", 8));
  }

  private void assertRefused(ErrorKind kind, Map<String, Object> config) {
    TantraException e =
        assertThrows(
            TantraException.class,
            () -> model.weightPlan(Settings.of("Config/mamba.yaml", config)));
    assertEquals(kind, e.kind(), e.getMessage());
  }
}
