package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.PublishedManifest;

final class WhisperPlanTest {
  private final WhisperModel model = new WhisperModel();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "whisper-tiny.hf",
        "whisper-base.openai",
        "whisper-small.hf",
        "whisper-large-v3.hf"
      })
  void planIsWhatWasPublished(String name) {
    PublishedManifest.assertPlanned(model, getClass(), name);
  }

  @Test
  void loaderReadsWhatIsPlanned() {
    Map<String, Object> small = requireNonNull(model.sizes().get("small"));
    PlannedCheckpoint.assertPlanAndLoaderAgree(model, small);
  }

  @Test
  void impossibleSizesAreTheCallersMistake() {
    Map<String, Object> sizes = new HashMap<>(requireNonNull(model.sizes().get("small")));
    sizes.put("decoder_attention_heads", 5);
    TantraException e =
        assertThrows(TantraException.class, () -> model.weightPlan(Settings.of("test", sizes)));
    assertEquals(ErrorKind.INVALID, e.kind());
  }
}
