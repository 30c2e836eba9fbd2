package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tantra.api.Settings;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightPlan.Start;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.nn.ConfigFile;

/// The weights of either network, by the names of the reference implementation.
///
/// Widths of Tacotron 2 are constants there; here a section `widths` may give smaller ones.
final class CoquiPlan {
  private static final int CONVOLUTIONS = 3;
  private static final int POSTNET = 5;
  private static final int POSTNET_KERNEL = 5;

  private final List<WeightPlan.Weight> weights = new ArrayList<>();
  private final List<String> ignored = new ArrayList<>();

  private CoquiPlan() {}

  /// Published sizes of both networks, and small ones that fit a repository.
  static Map<String, Map<String, Object>> sizes() {
    Map<String, Object> narrow =
        Map.of(
            "enc", 32, "query", 32, "rnn", 32, "prenet", 16, "attn", 16, "filters", 4, "kernel", 9,
            "postnet", 32);
    return Map.of(
        "small", acoustic(narrow),
        "full", acoustic(Map.of()),
        "vocoder-small", vocoder(16),
        "vocoder", vocoder(128));
  }

  private static Map<String, Object> acoustic(Map<String, Object> widths) {
    return Map.of(
        "model",
        "Tacotron2",
        "r",
        1,
        "text_cleaner",
        "english_cleaners",
        "attention_norm",
        "sigmoid",
        "max_decoder_steps",
        1000,
        "out_channels",
        80,
        "widths",
        widths,
        "characters",
        Map.of(
            "pad",
            "_",
            "eos",
            "~",
            "bos",
            "^",
            "is_unique",
            false,
            "is_sorted",
            false,
            "characters",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "punctuations",
            "!'(),-.:;? "),
        "audio",
        audio());
  }

  private static Map<String, Object> audio() {
    return Map.of(
        "sample_rate",
        22050,
        "fft_size",
        1024,
        "win_length",
        1024,
        "hop_length",
        256,
        "num_mels",
        80,
        "mel_fmin",
        0,
        "mel_fmax",
        8000,
        "log_func",
        "np.log",
        "spec_gain",
        1,
        "signal_norm",
        false);
  }

  private static Map<String, Object> vocoder(int channels) {
    List<Integer> dilations = List.of(1, 3, 5);
    return Map.of(
        "generator_model",
        "hifigan_generator",
        "generator_model_params",
        Map.of(
            "resblock_type", "1",
            "resblock_dilation_sizes", List.of(dilations, dilations, dilations),
            "resblock_kernel_sizes", List.of(3, 7, 11),
            "upsample_kernel_sizes", List.of(16, 16, 4, 4),
            "upsample_initial_channel", channels,
            "upsample_factors", List.of(8, 8, 2, 2)),
        "audio",
        audio());
  }

  /// @param config `config.json` of either network
  static WeightPlan of(Settings config) {
    CoquiPlan plan = new CoquiPlan();
    boolean vocoder =
        config.has("generator_model_params")
            || config.has("upsample_factors")
            || config.has("upsample_rates");
    if (vocoder) {
      plan.vocoder(config);
    } else {
      plan.acoustic(config);
    }
    return new WeightPlan(plan.weights, plan.ignored);
  }

  private void acoustic(Settings config) {
    TacotronConfig options = TacotronConfig.of(config, 0);
    Settings widths = config.section("widths");
    int encoded = size(widths, "enc", 512);
    int query = size(widths, "query", 1024);
    int state = size(widths, "rnn", 1024);
    int prenet = size(widths, "prenet", 256);
    int attention = size(widths, "attn", 128);
    int mels = size(config, "out_channels", 80);
    int characters =
        config.has("num_chars")
            ? size(config, "num_chars", 0)
            : CharacterIds.of(TextCleaner.BASIC, config.section("characters"), false, false)
                .vocabulary()
                .size();
    if (encoded % 2 != 0) {
      throw ConfigFile.corrupt("widths.enc is " + encoded + "; it must be even");
    }
    normal("embedding.weight", characters, encoded);
    for (int i = 0; i < CONVOLUTIONS; i++) {
      convBlock("encoder.convolutions." + i + ".", encoded, encoded);
    }
    lstm("encoder.lstm.", "_l0", encoded, encoded / 2);
    lstm("encoder.lstm.", "_l0_reverse", encoded, encoded / 2);
    for (int i = 0; i < 2; i++) {
      String name = "decoder.prenet.linear_layers." + i + ".";
      normal(name + "linear_layer.weight", prenet, i == 0 ? mels : prenet);
      if (options.batchNormPrenet()) {
        batchNorm(name + "batch_normalization.", prenet);
      }
    }
    lstm("decoder.attention_rnn.", "", prenet + encoded, query);
    attention(options, widths, attention, query, encoded);
    lstm("decoder.decoder_rnn.", "", query + encoded, state);
    int projected = options.reduction() * mels;
    normal("decoder.linear_projection.linear_layer.weight", projected, state + encoded);
    zeros("decoder.linear_projection.linear_layer.bias", projected);
    normal("decoder.stopnet.1.linear_layer.weight", 1, state + projected);
    zeros("decoder.stopnet.1.linear_layer.bias", 1);
    int between = size(widths, "postnet", 512);
    for (int i = 0; i < POSTNET; i++) {
      convBlock(
          "postnet.convolutions." + i + ".",
          i == 0 ? mels : between,
          i == POSTNET - 1 ? mels : between);
    }
    ignored.add("coarse_decoder.*");
    ignored.add("decoder_backward.*");
  }

  private void attention(
      TacotronConfig options, Settings widths, int width, int query, int encoded) {
    String name = "decoder.attention.";
    normal(name + "query_layer.linear_layer.weight", width, query);
    normal(name + "inputs_layer.linear_layer.weight", width, encoded);
    normal(name + "v.linear_layer.weight", 1, width);
    zeros(name + "v.linear_layer.bias", 1);
    if (options.forward() && options.transitionAgent()) {
      normal(name + "ta.weight", 1, query + encoded);
      zeros(name + "ta.bias", 1);
    }
    if (options.location()) {
      int filters = size(widths, "filters", 32);
      normal(
          name + "location_layer.location_conv1d.weight", filters, 2, size(widths, "kernel", 31));
      normal(name + "location_layer.location_dense.linear_layer.weight", width, filters);
    }
  }

  private void vocoder(Settings config) {
    Settings values =
        config.has("generator_model_params") ? config.section("generator_model_params") : config;
    HifiGanConfig options = HifiGanConfig.of(config);
    int mels = size(values, "in_channels", config.section("audio").integer("num_mels", 80));
    int channels = size(values, "upsample_initial_channel", 512);
    List<Integer> kernels = values.integers("upsample_kernel_sizes");
    List<Integer> blockKernels = values.integers("resblock_kernel_sizes");
    int stages = options.factors().size();
    if (kernels.size() != stages
        || blockKernels.size() != options.dilations().size()
        || channels >> stages < 1) {
      throw ConfigFile.corrupt(
          "%d upsample_factors, %d upsample_kernel_sizes, %d resblock_kernel_sizes, %d resblock_dilation_sizes and %d channels do not fit"
              .formatted(
                  stages,
                  kernels.size(),
                  blockKernels.size(),
                  options.dilations().size(),
                  channels));
    }
    weightNormed("conv_pre.", channels, channels, mels, 7);
    for (int s = 0; s < stages; s++) {
      int in = channels >> s;
      int out = channels >> (s + 1);
      weightNormed("ups." + s + ".", out, in, out, kernels.get(s));
      for (int k = 0; k < blockKernels.size(); k++) {
        block(options, s * blockKernels.size() + k, k, out, blockKernels.get(k));
      }
    }
    weightNormed("conv_post.", 1, 1, channels >> stages, 7);
  }

  private void block(HifiGanConfig options, int index, int kind, int channels, int kernel) {
    String name = "resblocks." + index + ".";
    for (int i = 0; i < options.dilations().get(kind).size(); i++) {
      if (options.twoConvolutions()) {
        weightNormed(name + "convs1." + i + ".", channels, channels, channels, kernel);
        weightNormed(name + "convs2." + i + ".", channels, channels, channels, kernel);
      } else {
        weightNormed(name + "convs." + i + ".", channels, channels, channels, kernel);
      }
    }
  }

  private static int size(Settings values, String key, int otherwise) {
    int size = values.integer(key, otherwise);
    ConfigFile.requireSize(key, size);
    return size;
  }

  private void convBlock(String name, int in, int out) {
    normal(name + "convolution1d.weight", out, in, POSTNET_KERNEL);
    zeros(name + "convolution1d.bias", out);
    batchNorm(name + "batch_normalization.", out);
  }

  private void batchNorm(String name, int channels) {
    constant(name + "weight", 1, channels);
    zeros(name + "bias", channels);
    zeros(name + "running_mean", channels);
    constant(name + "running_var", 1, channels);
    ignored.add(name + "num_batches_tracked");
  }

  private void lstm(String name, String layer, int in, int hidden) {
    // PyTorch begins with a uniform distribution of this width.
    double bound = 1 / Math.sqrt(hidden);
    Start start = new Start.Uniform(-bound, bound);
    add(name + "weight_ih" + layer, start, 4L * hidden, in);
    add(name + "weight_hh" + layer, start, 4L * hidden, hidden);
    add(name + "bias_ih" + layer, start, 4L * hidden);
    add(name + "bias_hh" + layer, start, 4L * hidden);
  }

  private void weightNormed(String name, int bias, long... shape) {
    zeros(name + "bias", bias);
    constant(name + "weight_g", 1, shape[0], 1, 1);
    normal(name + "weight_v", shape);
  }

  private void normal(String name, long... shape) {
    long inputs = 1;
    for (int axis = 1; axis < shape.length; axis++) {
      inputs *= shape[axis];
    }
    add(name, new Start.Normal(1 / Math.sqrt((double) inputs)), shape);
  }

  private void zeros(String name, long... shape) {
    constant(name, 0, shape);
  }

  private void constant(String name, double value, long... shape) {
    add(name, new Start.Constant(value), shape);
  }

  private void add(String name, Start start, long... shape) {
    weights.add(WeightPlan.Weight.of(new TensorInfo(name, DType.F32, Shape.of(shape)), start));
  }
}
