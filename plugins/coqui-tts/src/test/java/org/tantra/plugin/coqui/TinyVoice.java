package org.tantra.plugin.coqui;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.Map;
import org.tantra.api.Settings;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TestLoadContext;

/// Small untrained networks of both kinds: their speech is noise of a bounded length.
final class TinyVoice {
  /// Decoder steps of a sentence at most.
  static final int STEPS = 8;

  private TinyVoice() {}

  static Map<String, Object> config(String size) {
    Map<String, Object> config = new HashMap<>(requireNonNull(CoquiPlan.sizes().get(size)));
    config.computeIfPresent("max_decoder_steps", (_, _) -> STEPS);
    return config;
  }

  static PlannedCheckpoint checkpoint(Map<String, Object> config) {
    return PlannedCheckpoint.of(
        new CoquiModel().weightPlan(Settings.of("test", config)).orElseThrow(), config);
  }

  static TestLoadContext withoutVocoder() {
    return TestLoadContext.empty().withCheckpoint(checkpoint(config("small")));
  }

  static TestLoadContext withVocoder() {
    return withoutVocoder().withCheckpoint("vocoder", checkpoint(config("vocoder-small")));
  }
}
