package org.tantra.plugin.mamba;

import java.util.Map;
import org.tantra.api.Model;
import org.tantra.api.Settings;
import org.tantra.testkit.ModelContract;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TestLoadContext;

/// The layout whose tokens are characters, so that it answers without tokenizer files.
final class MambaContractTest extends ModelContract {
  private static final Map<String, Object> SMALL =
      Map.of("d_model", 24, "n_layers", 2, "vocab_size", 120, "max_seq_len", 256);

  @Override
  protected Model model() {
    return new MambaModel();
  }

  @Override
  protected TestLoadContext context() {
    Settings config = Settings.of("config.json", SMALL);
    return TestLoadContext.empty()
        .withCheckpoint(PlannedCheckpoint.of(model().weightPlan(config).orElseThrow(), SMALL));
  }
}
