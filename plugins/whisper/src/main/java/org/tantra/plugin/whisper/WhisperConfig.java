package org.tantra.plugin.whisper;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tantra.api.Checkpoint;
import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.StateDict;

/// Sizes of a network.
///
/// @param layout how its weights are named
/// @param mels bands of the log-mel input: 80, or 128 for large-v3
/// @param audioPositions of the encoder, each two frames
/// @param hidden width of encoder and decoder
/// @param vocab token ids, special ones included
/// @param textPositions most tokens of the decoder
record WhisperConfig(
    Layout layout,
    int mels,
    int audioPositions,
    int hidden,
    int audioHeads,
    int audioLayers,
    int audioInner,
    int vocab,
    int textPositions,
    int textHeads,
    int textLayers,
    int textInner) {

  /// Who wrote the checkpoint.
  enum Layout {
    HUGGING_FACE,
    ORIGINAL
  }

  /// Every published model has heads this wide.
  private static final int HEAD_DIM = 64;

  WhisperConfig {
    ConfigFile.requireSize("mel bands", mels);
    ConfigFile.requireSize("audio positions", audioPositions);
    ConfigFile.requireSize("width", hidden);
    ConfigFile.requireSize("audio layers", audioLayers);
    ConfigFile.requireSize("audio inner width", audioInner);
    ConfigFile.requireSize("vocabulary", vocab);
    ConfigFile.requireSize("text positions", textPositions);
    ConfigFile.requireSize("text layers", textLayers);
    ConfigFile.requireSize("text inner width", textInner);
    requireHeads("audio heads", audioHeads, hidden);
    requireHeads("text heads", textHeads, hidden);
    if (mels > 1024 || audioPositions > 1 << 16 || textPositions > 1 << 16) {
      throw ConfigFile.corrupt(
          "%d mel bands, %d audio positions and %d text positions are implausible"
              .formatted(mels, audioPositions, textPositions));
    }
  }

  private static void requireHeads(String key, int heads, int hidden) {
    if (heads < 1 || hidden % heads != 0) {
      throw ConfigFile.corrupt(key + " is " + heads + "; it must divide the width " + hidden);
    }
  }

  /// Frames of one window.
  int frames() {
    return 2 * audioPositions;
  }

  int headDim() {
    return hidden / audioHeads;
  }

  /// Reads `config.json` of the Hugging Face layout, or the `dims` of the original one.
  ///
  /// @throws org.tantra.api.TantraException `CORRUPT` if a size cannot be; `UNSUPPORTED` if it is
  ///   another network
  static WhisperConfig of(Settings json) {
    return json.has("n_audio_state") ? original(json) : huggingFace(json);
  }

  /// Reads whatever a checkpoint says about its sizes; a bare state dict in the original layout is
  /// measured.
  static WhisperConfig of(Checkpoint checkpoint, StateDict weights) {
    if (checkpoint.json("config.json").isPresent()) {
      return ConfigFile.read(checkpoint, WhisperConfig::of);
    }
    Map<String, Integer> dims = new LinkedHashMap<>();
    checkpoint
        .weights()
        .metadata()
        .forEach(
            (key, value) -> {
              if (key.startsWith("dims.") && value.matches("\\d{1,9}")) {
                dims.put(key.substring("dims.".length()), Integer.valueOf(value));
              }
            });
    if (dims.isEmpty()) {
      dims.putAll(measured(weights));
    }
    return original(Settings.of("dims of '" + checkpoint.name() + "'", dims));
  }

  private static Map<String, Integer> measured(StateDict weights) {
    String at = WhisperWeights.prefix(weights, Layout.ORIGINAL);
    int hidden = weights.size(at + "encoder.positional_embedding", 2, 1);
    Map<String, Integer> dims = new LinkedHashMap<>();
    dims.put("n_mels", weights.size(at + "encoder.conv1.weight", 3, 1));
    dims.put("n_audio_ctx", weights.size(at + "encoder.positional_embedding", 2, 0));
    dims.put("n_audio_state", hidden);
    dims.put("n_audio_head", Math.max(1, hidden / HEAD_DIM));
    dims.put("n_audio_layer", weights.layers(at + "encoder.blocks."));
    dims.put("n_vocab", weights.size(at + "decoder.token_embedding.weight", 2, 0));
    dims.put("n_text_ctx", weights.size(at + "decoder.positional_embedding", 2, 0));
    dims.put("n_text_state", hidden);
    dims.put("n_text_head", Math.max(1, hidden / HEAD_DIM));
    dims.put("n_text_layer", weights.layers(at + "decoder.blocks."));
    return dims;
  }

  private static WhisperConfig original(Settings dims) {
    int hidden = dims.integer("n_audio_state");
    if (dims.integer("n_text_state", hidden) != hidden) {
      throw ConfigFile.corrupt(
          "n_text_state is %d and n_audio_state %d; they must be equal"
              .formatted(dims.integer("n_text_state"), hidden));
    }
    int inner = Math.multiplyExact(4, Math.clamp(hidden, 0, 1 << 24));
    return new WhisperConfig(
        Layout.ORIGINAL,
        dims.integer("n_mels"),
        dims.integer("n_audio_ctx"),
        hidden,
        dims.integer("n_audio_head"),
        dims.integer("n_audio_layer"),
        inner,
        dims.integer("n_vocab"),
        dims.integer("n_text_ctx"),
        dims.integer("n_text_head"),
        dims.integer("n_text_layer"),
        inner);
  }

  private static WhisperConfig huggingFace(Settings json) {
    String type = json.text("model_type", "whisper");
    if (!type.equals("whisper")) {
      throw ConfigFile.unsupported("is of a '" + type + "' model; this one runs Whisper.");
    }
    String activation = json.text("activation_function", "gelu");
    if (!activation.equals("gelu") || json.flag("scale_embedding", false)) {
      throw ConfigFile.unsupported(
          "asks for activation_function '%s' and scale_embedding %s; published checkpoints have gelu and false."
              .formatted(activation, json.flag("scale_embedding", false)));
    }
    int hidden = json.integer("d_model");
    return new WhisperConfig(
        Layout.HUGGING_FACE,
        json.integer("num_mel_bins", 80),
        json.integer("max_source_positions", 1500),
        hidden,
        json.integer("encoder_attention_heads"),
        json.integer("encoder_layers"),
        json.integer("encoder_ffn_dim"),
        json.integer("vocab_size"),
        json.integer("max_target_positions", 448),
        json.integer("decoder_attention_heads"),
        json.integer("decoder_layers"),
        json.integer("decoder_ffn_dim"));
  }
}
