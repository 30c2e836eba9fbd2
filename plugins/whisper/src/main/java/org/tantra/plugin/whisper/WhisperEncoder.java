package org.tantra.plugin.whisper;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.Encoder;
import org.tantra.api.EncoderInfo;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Modality;
import org.tantra.api.Needs;
import org.tantra.api.Settings;
import org.tantra.api.WeightPlan;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.SharedSpace;
import org.tantra.nn.StateDict;

/// The extension `whisper` among encoders: sound to one vector.
///
/// The embedding is the mean of the encoder's vectors over all positions that hear the recording,
/// brought from its own width to 768 by [SharedSpace]: of the published sizes `small` has that
/// width, `tiny` and `base` are filled with zeros, `medium` and `large` go through a fixed
/// orthonormal map. That is this host's choice; Whisper has no embedding of its own.
public final class WhisperEncoder implements Encoder {
  /// A window's buffers at the width of `small`.
  private static final long MINIMUM_BYTES = 64L << 20;

  @Override
  public EncoderInfo info() {
    return new EncoderInfo(
        "whisper",
        "Whisper's encoder (mean over the recording; widths below 768 are filled with zeros, those"
            + " above go through a fixed orthonormal map)",
        Set.of(Modality.AUDIO),
        SharedSpace.WIDTH,
        new Needs(true, MINIMUM_BYTES, false, false),
        List.of("audio-lite"));
  }

  @Override
  public Map<String, Map<String, Object>> sizes() {
    return WhisperSizes.ALL;
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(WhisperWeights.plan(ConfigFile.plan(config, WhisperConfig::of)));
  }

  @Override
  public LoadedEncoder load(LoadContext context) {
    context.progress().stage("mapping weights");
    Checkpoint checkpoint = context.checkpoint();
    Arena copies = Arena.ofShared();
    try {
      StateDict dict = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
      WhisperConfig config = WhisperConfig.of(checkpoint, dict);
      WhisperAudioNetwork network =
          new WhisperAudioNetwork(config, WhisperWeights.audio(config, dict), context.compute());
      return new LoadedWhisperEncoder(
          config, network, copies, dict.bytes() + network.ownBytes(), checkpoint.version());
    } catch (Throwable e) {
      copies.close();
      throw e;
    }
  }
}
