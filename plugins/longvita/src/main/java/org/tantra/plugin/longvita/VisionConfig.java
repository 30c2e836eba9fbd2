package org.tantra.plugin.longvita;

import org.tantra.api.Settings;
import org.tantra.nn.Activation;
import org.tantra.nn.ConfigFile;

/// The sizes of a vision tower, from `config.json` of Long-VITA, InternViT, ViT or CLIP.
///
/// @param layout whose names the weights have
/// @param inner width between the two maps of a block
/// @param imageSize side of the square pictures the tower was trained on
/// @param patchSize side of a patch
/// @param epsilon of the norms
/// @param qkvBias whether queries, keys and values have a bias
/// @param qkNorm whether queries and keys go through an RMS norm
/// @param rmsNorm whether the blocks have RMS norms instead of layer norms
/// @param projected width of the language model that a projector leads to; 0 for none
record VisionConfig(
    Layout layout,
    int hidden,
    int layers,
    int heads,
    int inner,
    int imageSize,
    int patchSize,
    int channels,
    double epsilon,
    Activation activation,
    boolean qkvBias,
    boolean qkNorm,
    boolean rmsNorm,
    int projected) {

  /// Which family published the weights.
  enum Layout {
    /// InternViT alone.
    INTERN,
    /// InternViT inside Long-VITA, with its projector.
    LONG_VITA,
    /// `ViTForImageClassification`.
    VIT,
    /// The vision half of `CLIPModel`.
    CLIP
  }

  /// @throws org.tantra.api.TantraException `CORRUPT` if a size cannot be
  VisionConfig {
    ConfigFile.requireSize("hidden_size", hidden);
    ConfigFile.requireSize("num_hidden_layers", layers);
    ConfigFile.requireSize("num_attention_heads", heads);
    ConfigFile.requireSize("intermediate_size", inner);
    ConfigFile.requireSize("image_size", imageSize);
    ConfigFile.requireSize("patch_size", patchSize);
    ConfigFile.requireSize("num_channels", channels);
    ConfigFile.requireEpsilon("layer_norm_eps", epsilon);
    if (hidden % heads != 0) {
      throw ConfigFile.corrupt(
          "hidden_size %d is no multiple of num_attention_heads %d".formatted(hidden, heads));
    }
    if (imageSize < patchSize) {
      throw ConfigFile.corrupt(
          "image_size %d is smaller than patch_size %d".formatted(imageSize, patchSize));
    }
    if (channels != 3) {
      throw ConfigFile.unsupported(
          "asks for %d channels; pictures have red, green and blue.".formatted(channels));
    }
  }

  /// @throws org.tantra.api.TantraException `UNSUPPORTED` if this is another kind of model
  static VisionConfig of(Settings json) {
    if (json.has("visual")) {
      return intern(json.section("visual"), Layout.LONG_VITA, json.integer("hidden_size", 0));
    }
    if (json.has("vision_config")) {
      return of(json.section("vision_config"));
    }
    String type = json.text("model_type", "");
    return switch (type) {
      case "intern_vit_6b", "intern_vit" -> intern(json, Layout.INTERN, 0);
      case "vit" -> transformer(json, Layout.VIT, 224, 16, 1e-12, "gelu");
      case "clip", "clip_vision_model" ->
          transformer(json, Layout.CLIP, 224, 32, 1e-5, "quick_gelu");
      default ->
          throw ConfigFile.unsupported(
              "says model_type '%s'; long_vita, intern_vit_6b, vit and clip are read."
                  .formatted(type));
    };
  }

  private static VisionConfig intern(Settings json, Layout layout, int projected) {
    String norm = json.text("norm_type", "rms_norm");
    if (!norm.equals("layer_norm") && !norm.equals("rms_norm")) {
      throw ConfigFile.unsupported(
          "says norm_type '" + norm + "'; layer_norm and rms_norm are read.");
    }
    return new VisionConfig(
        layout,
        json.integer("hidden_size"),
        json.integer("num_hidden_layers"),
        json.integer("num_attention_heads"),
        json.integer("intermediate_size"),
        json.integer("image_size"),
        json.integer("patch_size"),
        json.integer("num_channels", 3),
        json.number("layer_norm_eps", 1e-6),
        activation(json.text("hidden_act", "gelu")),
        json.flag("qkv_bias", false),
        json.flag("qk_normalization", true),
        norm.equals("rms_norm"),
        projected);
  }

  private static VisionConfig transformer(
      Settings json, Layout layout, int image, int patch, double epsilon, String act) {
    int hidden = json.integer("hidden_size", 768);
    return new VisionConfig(
        layout,
        hidden,
        json.integer("num_hidden_layers", 12),
        json.integer("num_attention_heads", 12),
        json.integer("intermediate_size", 4 * hidden),
        json.integer("image_size", image),
        json.integer("patch_size", patch),
        json.integer("num_channels", 3),
        json.number("layer_norm_eps", epsilon),
        activation(json.text("hidden_act", act)),
        json.flag("qkv_bias", true),
        false,
        false,
        0);
  }

  private static Activation activation(String name) {
    return switch (name) {
      case "gelu" -> Activation.GELU_ERF;
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "gelu_new", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
      case "relu" -> Activation.RELU;
      default ->
          throw ConfigFile.unsupported("says hidden_act '" + name + "', which is not known.");
    };
  }

  /// Whether this is InternViT, alone or not.
  boolean intern() {
    return layout == Layout.INTERN || layout == Layout.LONG_VITA;
  }

  int headDim() {
    return hidden / heads;
  }

  /// Patches along one side of the square pictures of the training.
  int grid() {
    return imageSize / patchSize;
  }
}
