package org.tantra.plugin.tantra;

import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.StateDict;

/// The sizes of a network. All but the number of heads follow from the shapes of the weights, which
/// are published without `config.json`; where that file states a size, it must agree.
///
/// @param context positions
/// @param inner width between the two maps of a layer
/// @param imageChannels channels of the convolution that reads images
/// @param epsilon of the layer norms
record TantraConfig(
    int vocab,
    int hidden,
    int layers,
    int heads,
    int inner,
    int context,
    int imageChannels,
    double epsilon) {
  /// Of the published model; no weight tells it.
  private static final int PUBLISHED_HEADS = 8;

  /// @param json `config.json`, or nothing set if the checkpoint has none
  /// @throws TantraException `UNSUPPORTED` if these are no weights of this model; `CORRUPT` if
  ///   config and weights do not belong together
  static TantraConfig of(Settings json, StateDict weights) {
    try {
      return read(json, weights);
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      // The request is not at fault, the checkpoint is.
      throw new TantraException(ErrorKind.CORRUPT, String.valueOf(e.getMessage()), e);
    }
  }

  /// The sizes of a network that has no weights yet; what is not stated is as in version 1.0.
  ///
  /// @param values `config.json`, or the `model` section of `Config/tantra.yaml`
  /// @throws TantraException `INVALID` if there is no such network, `UNSUPPORTED` if this plugin
  ///   does not compute it
  static TantraConfig planned(Settings values) {
    requireVersion1(values, values.origin());
    TantraConfig config =
        new TantraConfig(
            values.integer("vocab_size", 10000),
            values.integer("d_model", 128),
            values.integer("num_layers", values.integer("n_layers", 4)),
            values.integer("nhead", PUBLISHED_HEADS),
            values.integer("dim_feedforward", 2048),
            values.integer("max_len", values.integer("max_seq_len", 512)),
            values.integer("ocr_channels", 32),
            values.number("layer_norm_eps", 1e-5));
    ConfigFile.requireSize("vocab_size", config.vocab);
    ConfigFile.requireSize("d_model", config.hidden);
    ConfigFile.requireSize("n_layers", config.layers);
    ConfigFile.requireSize("dim_feedforward", config.inner);
    ConfigFile.requireSize("max_seq_len", config.context);
    ConfigFile.requireSize("ocr_channels", config.imageChannels);
    ConfigFile.requireEpsilon("layer_norm_eps", config.epsilon);
    if (config.heads < 1 || config.hidden % config.heads != 0) {
      throw ConfigFile.corrupt(
          "d_model is %d, which %d heads (nhead) do not divide"
              .formatted(config.hidden, config.heads));
    }
    return config;
  }

  private static void requireVersion1(Settings values, String origin) {
    if (values.flag("norm_first", false) || !values.text("activation", "relu").equals("relu")) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "%s asks for norm_first or another activation than relu; version 1.0 has neither."
              .formatted(origin));
    }
  }

  private static TantraConfig read(Settings json, StateDict weights) {
    if (!weights.has("embed.weight") || !weights.has("pos_embed")) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "The weights of '%s' are no Tantra multimodal: embed.weight and pos_embed are not both there. Check that the checkpoint belongs to this model."
              .formatted(weights.origin()));
    }
    TantraConfig config =
        new TantraConfig(
            weights.size("embed.weight", 2, 0),
            weights.size("embed.weight", 2, 1),
            weights.layers("layers."),
            json.integer("nhead", PUBLISHED_HEADS),
            weights.size("layers.0.linear1.weight", 2, 0),
            weights.size("pos_embed", 2, 0),
            weights.size("ocr_conv.weight", 4, 0),
            json.number("layer_norm_eps", 1e-5));
    requireAgreement(json, weights, "vocab_size", config.vocab);
    requireAgreement(json, weights, "d_model", config.hidden);
    requireAgreement(json, weights, "num_layers", config.layers);
    requireAgreement(json, weights, "dim_feedforward", config.inner);
    requireAgreement(json, weights, "max_len", config.context);
    requireVersion1(json, "%s of '%s'".formatted(json.origin(), weights.origin()));
    if (config.heads < 1 || config.hidden % config.heads != 0) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "'%s' is %d wide, which %d heads do not divide. State the number of heads as nhead in config.json."
              .formatted(weights.origin(), config.hidden, config.heads));
    }
    return config;
  }

  private static void requireAgreement(Settings json, StateDict weights, String key, int actual) {
    if (json.integer(key, actual) != actual) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "%s says %s %d, the weights of '%s' have %d. The config belongs to another checkpoint."
              .formatted(json.origin(), key, json.integer(key), weights.origin(), actual));
    }
  }

  int headDim() {
    return hidden / heads;
  }
}
