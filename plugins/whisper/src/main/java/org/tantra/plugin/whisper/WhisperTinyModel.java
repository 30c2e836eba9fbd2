package org.tantra.plugin.whisper;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Settings;
import org.tantra.api.WeightPlan;
import org.tantra.nn.ConfigFile;

/// The extension `whisper-tiny`: a stand-in for larger sizes, with weights of its own.
public final class WhisperTinyModel implements Model {
  @Override
  public ModelInfo info() {
    return WhisperSizes.info("whisper-tiny", "Whisper tiny", true, List.of());
  }

  @Override
  public LoadedModel load(LoadContext context) {
    return LoadedWhisper.load(context);
  }

  @Override
  public Map<String, Map<String, Object>> sizes() {
    return WhisperSizes.of("tiny");
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(WhisperWeights.plan(ConfigFile.plan(config, WhisperConfig::of)));
  }
}
