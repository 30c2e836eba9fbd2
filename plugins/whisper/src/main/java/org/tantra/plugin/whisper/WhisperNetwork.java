package org.tantra.plugin.whisper;

import java.lang.foreign.SegmentAllocator;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.nn.StateDict;

/// Both halves over the weights of one checkpoint.
///
/// @param bytes of weights and what is held beside them
record WhisperNetwork(
    WhisperConfig config, WhisperAudioNetwork audio, WhisperTextNetwork text, long bytes) {

  /// @param copies memory for weights that cannot be mapped; must outlive the network
  static WhisperNetwork of(Checkpoint checkpoint, Compute compute, SegmentAllocator copies) {
    StateDict dict = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
    WhisperConfig config = WhisperConfig.of(checkpoint, dict);
    WhisperAudioNetwork audio =
        new WhisperAudioNetwork(config, WhisperWeights.audio(config, dict), compute);
    WhisperTextNetwork text =
        new WhisperTextNetwork(config, WhisperWeights.text(config, dict), compute);
    return new WhisperNetwork(
        config, audio, text, dict.bytes() + audio.ownBytes() + text.ownBytes());
  }
}
