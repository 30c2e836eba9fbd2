package org.tantra.plugin.coqui;

import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.ConfigFile;

/// What `config.json` says about the acoustic model. Widths are not in it: they follow from the
/// weights.
///
/// @param reduction frames of one decoder step at run time; at most as many as the weights have
/// @param maximumSteps decoder steps after which a sentence ends though nobody said stop
/// @param sigmoidNorm whether scores become weights by `σ(e) / Σ σ(e)` instead of softmax
/// @param windowing whether attention may only look a few characters around its last peak
/// @param forward whether attention moves on by forward recursion
/// @param forwardMask whether that recursion may not jump
/// @param transitionAgent whether the network says how readily it moves on
/// @param location whether attention sees where it looked before
/// @param batchNormPrenet whether the pre-net has batch normalisation
/// @param dropout whether the pre-net drops half of its numbers when speaking, too
record TacotronConfig(
    int reduction,
    int maximumSteps,
    boolean sigmoidNorm,
    boolean windowing,
    boolean forward,
    boolean forwardMask,
    boolean transitionAgent,
    boolean location,
    boolean batchNormPrenet,
    boolean dropout) {
  /// Default of the reference implementation: two minutes at one frame a step.
  private static final int DEFAULT_STEPS = 10_000;

  /// @param checkpointReduction the rate that the checkpoint itself names, which is the one the
  ///   training ended with; 0 if it names none
  /// @throws TantraException `UNSUPPORTED` if this is another network; `CORRUPT` if a value cannot
  ///   be
  static TacotronConfig of(Settings json, int checkpointReduction) {
    requireSupported(json);
    String norm = json.text("attention_norm", "sigmoid");
    // Manifests say `sigmoid (class default …)`.
    boolean sigmoid = norm.startsWith("sigmoid");
    if (!sigmoid && !norm.equals("softmax")) {
      throw ConfigFile.unsupported(
          "asks for attention_norm '" + norm + "'; this plugin computes sigmoid and softmax.");
    }
    String prenet = json.text("prenet_type", "original");
    if (!prenet.equals("original") && !prenet.equals("bn")) {
      throw ConfigFile.unsupported(
          "asks for prenet_type '" + prenet + "'; this plugin computes original and bn.");
    }
    int reduction = checkpointReduction > 0 ? checkpointReduction : json.integer("r", 1);
    int steps = json.integer("max_decoder_steps", DEFAULT_STEPS);
    ConfigFile.requireSize("r", reduction);
    ConfigFile.requireSize("max_decoder_steps", steps);
    return new TacotronConfig(
        reduction,
        steps,
        sigmoid,
        json.flag("attention_win", false),
        json.flag("use_forward_attn", false),
        json.flag("forward_attn_mask", false),
        json.flag("transition_agent", false),
        json.flag("location_attn", true),
        prenet.equals("bn"),
        json.flag("prenet_dropout_at_inference", false));
  }

  private static void requireSupported(Settings json) {
    String model = json.text("model", "Tacotron2");
    if (!model.equalsIgnoreCase("tacotron2")) {
      throw ConfigFile.unsupported(
          "is of model '" + model + "'; this plugin runs Tacotron2, such as tacotron2-DDC.");
    }
    String attention = json.text("attention_type", "original");
    if (!attention.equals("original")) {
      throw ConfigFile.unsupported(
          "asks for attention_type '" + attention + "'; this plugin computes 'original' alone.");
    }
    if (json.flag("use_phonemes", false)) {
      throw ConfigFile.unsupported(
          "asks for phonemes (use_phonemes), which need a phonemizer that this plugin does not"
              + " have. Use a model of characters, such as tts_models/en/ljspeech/tacotron2-DDC.");
    }
    for (String key : new String[] {"use_gst", "use_speaker_embedding", "use_d_vector_file"}) {
      if (json.flag(key, false)) {
        throw ConfigFile.unsupported(
            "asks for " + key + "; this plugin speaks with the one voice of the weights.");
      }
    }
  }

  /// An error for weights that do not belong to this configuration.
  static TantraException mismatch(String what) {
    return new TantraException(
        ErrorKind.CORRUPT, what + " The config belongs to another checkpoint.");
  }
}
