package org.tantra.plugin.mamba;

import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;

/// The sizes of `mamba_multimodal`.
///
/// @param vocab token ids of the text
/// @param experts of the mixture behind each mixer
/// @param expertInner width between the two maps of an expert
/// @param expertCapacity most tokens one expert takes of a block; also the tokens of a block, so no
///   token is ever turned away
/// @param audioDim mel bands of one audio frame
/// @param patchSize side of one image patch, in pixels of three colours
/// @param contextTokens longest row, media included
record MultimodalConfig(
    int vocab,
    int hidden,
    int layers,
    MixerConfig.Selective mixer,
    int experts,
    int expertInner,
    int expertCapacity,
    int audioDim,
    int patchSize,
    int contextTokens,
    double epsilon) {
  /// Experts that each token is sent to.
  static final int CHOSEN = 2;

  /// @throws org.tantra.api.TantraException `CORRUPT` if a size cannot be
  static MultimodalConfig of(Settings json) {
    int hidden = size(json, "d_model", 768);
    int experts = size(json, "num_experts", 8);
    if (experts < CHOSEN || experts > 4096) {
      throw ConfigFile.corrupt(
          "num_experts is %d; each token goes to %d, and 4096 are the most"
              .formatted(experts, CHOSEN));
    }
    return new MultimodalConfig(
        size(json, "vocab_size", 100000),
        hidden,
        size(json, "n_layers", 16),
        SelectiveSizes.of(json, hidden),
        experts,
        size(json, "expert_dim", 2 * hidden),
        size(json, "expert_capacity", 64),
        size(json, "audio_dim", 128),
        size(json, "patch_size", 16),
        size(json, "max_seq_len", 4096),
        json.number("layer_norm_epsilon", 1e-5));
  }

  private static int size(Settings json, String key, int otherwise) {
    int size = json.integer(key, otherwise);
    ConfigFile.requireSize(key, size);
    return size;
  }

  /// Numbers of one patch.
  int visionDim() {
    return 3 * patchSize * patchSize;
  }
}
