package org.tantra.host.config;

import java.util.List;

/// The keys of `model` and `train` that the earlier system knew, with their types and ranges. Other
/// keys are kept as they are: they belong to the plugin.
final class EarlierKeys {
  /// As in the network toolkit: far above every published model.
  private static final int MAXIMUM_SIZE = 1 << 24;

  private EarlierKeys() {}

  static void checkModel(Keys model) {
    model.textOrNull("architecture");
    for (String size :
        List.of(
            "d_model",
            "n_layers",
            "d_state",
            "d_conv",
            "vocab_size",
            "max_seq_len",
            "num_experts",
            "expert_capacity",
            "audio_dim",
            "vision_dim")) {
      model.integerOrNull(size, 1, MAXIMUM_SIZE);
    }
    model.numberOrNull("dropout", 0, 1);
    model.numberOrNull("ocr_loss_weight", 0, Double.MAX_VALUE);
    model.numberOrNull("text_loss_weight", 0, Double.MAX_VALUE);
    model.integerOrNull("quantization_bits", 1, 64);
  }

  /// Nothing here trains; the section is for those who do, and should still be no nonsense.
  static void checkTrain(Keys train) {
    train.integerOrNull("batch_size", 1, MAXIMUM_SIZE);
    train.integerOrNull("epochs", 0, Integer.MAX_VALUE);
    train.integerOrNull("max_steps", 0, Integer.MAX_VALUE);
    train.integerOrNull("warmup_steps", 0, Integer.MAX_VALUE);
    train.numberOrNull("learning_rate", 0, 1000);
    train.numberOrNull("weight_decay", 0, 1000);
    train.rejectSlips();
  }
}
