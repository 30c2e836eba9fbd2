package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.tantra.api.Model;
import org.tantra.api.Settings;
import org.tantra.testkit.ModelContract;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TestLoadContext;

final class WhisperContractTest extends ModelContract {
  @Override
  protected Model model() {
    return new WhisperModel();
  }

  @Override
  protected TestLoadContext context() {
    Map<String, Object> small = requireNonNull(model().sizes().get("small"));
    return TestLoadContext.empty()
        .withCheckpoint(
            PlannedCheckpoint.of(
                model().weightPlan(Settings.of("small", small)).orElseThrow(), small));
  }
}
