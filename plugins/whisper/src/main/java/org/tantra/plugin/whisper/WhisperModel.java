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

/// The extension `whisper`: whatever published size lies in its folder.
public final class WhisperModel implements Model {
  @Override
  public ModelInfo info() {
    return WhisperSizes.info(
        "whisper",
        "Whisper of any size, in the Hugging Face and the original layout",
        false,
        List.of("whisper-small", "whisper-base", "whisper-tiny"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    return LoadedWhisper.load(context);
  }

  @Override
  public Map<String, Map<String, Object>> sizes() {
    return WhisperSizes.ALL;
  }

  /// The original layout has other keys, all of which must be stated.
  @Override
  public Map<String, Object> completed(Map<String, Object> stated) {
    return stated.containsKey("n_audio_state") ? stated : Model.super.completed(stated);
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(WhisperWeights.plan(ConfigFile.plan(config, WhisperConfig::of)));
  }
}
