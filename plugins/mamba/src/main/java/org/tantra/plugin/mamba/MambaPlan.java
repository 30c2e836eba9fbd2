package org.tantra.plugin.mamba;

import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.ConfigFile;

/// The sizes of a network that has no weights yet, from what its configuration says. A key that is
/// missing has the value that the implementation of its layout gives it.
///
/// `hidden_size` or `model_type` belong to the layout of Hugging Face, `n_layer` or `ssm_cfg` to
/// that of the authors, anything else to earlier Tantra systems.
final class MambaPlan {
  private static final double EPSILON = 1e-5;

  private final Settings values;

  private MambaPlan(Settings values) {
    this.values = values;
  }

  /// @throws TantraException `INVALID` or `CORRUPT` if there is no such network, `UNSUPPORTED` if
  ///   this plugin does not compute it
  static MambaConfig config(Settings values) {
    MambaPlan plan = new MambaPlan(values);
    MambaConfig config =
        switch (layout(values)) {
          case PUBLISHED -> plan.published();
          case ORIGINAL -> plan.original();
          case TANTRA -> plan.tantra();
        };
    config
        .contradiction(values)
        .ifPresent(
            key -> {
              throw ConfigFile.corrupt(
                  "%s is %d, but the keys of this layout ask for %d"
                      .formatted(key.getKey(), values.integer(key.getKey()), key.getValue()));
            });
    return config;
  }

  /// In which layout a configuration is written.
  static MambaLayout layout(Settings values) {
    if (values.has("hidden_size") || values.has("model_type")) {
      return MambaLayout.PUBLISHED;
    }
    return values.has("n_layer") || values.has("ssm_cfg")
        ? MambaLayout.ORIGINAL
        : MambaLayout.TANTRA;
  }

  private MambaConfig tantra() {
    return new MambaConfig(
        MambaLayout.TANTRA,
        size("vocab_size", 50000),
        size("d_model", 512),
        size("n_layers", 8),
        epsilon(),
        values.flag("tie_embeddings", false),
        true,
        values.flag("use_bias", true),
        values.flag("use_conv_bias", true),
        new MixerConfig.GatedConv(size("d_conv", 4)));
  }

  private MambaConfig published() {
    String type = values.text("model_type", "mamba");
    if (!type.equals("mamba") && !type.equals("mamba2")) {
      throw unsupported("model_type '" + type + "'");
    }
    if (!values.text("hidden_act", "silu").equals("silu")) {
      throw unsupported("hidden_act '" + values.text("hidden_act") + "'");
    }
    boolean selective = type.equals("mamba");
    int hidden = size("hidden_size", selective ? 768 : 4096);
    int inner = product(values.integer("expand", 2), hidden);
    return new MambaConfig(
        MambaLayout.PUBLISHED,
        size("vocab_size", selective ? 50280 : 32768),
        hidden,
        size("num_hidden_layers", selective ? 32 : 64),
        epsilon(),
        values.flag("tie_word_embeddings", true),
        false,
        values.flag("use_bias", false),
        values.flag("use_conv_bias", true),
        selective
            ? new MixerConfig.Selective(
                size("intermediate_size", inner),
                size("state_size", 16),
                size("conv_kernel", 4),
                rank(values, "time_step_rank", hidden))
            : headed(inner));
  }

  private MixerConfig headed(int inner) {
    int heads = size("num_heads", 128);
    int headDim = size("head_dim", 64);
    int groups = size("n_groups", 8);
    if (product(heads, headDim) != inner) {
      throw ConfigFile.corrupt(
          "num_heads %d times head_dim %d is not expand times hidden_size, %d"
              .formatted(heads, headDim, inner));
    }
    return headed(
        heads, headDim, groups, 1, size("state_size", 128), size("conv_kernel", 4), values);
  }

  private MambaConfig original() {
    if (!values.list("attn_layer_idx").isEmpty() || values.integer("d_intermediate", 0) > 0) {
      throw unsupported("attention or feed-forward layers between the Mamba layers");
    }
    int hidden = size("d_model", 768);
    int multiple = size("pad_vocab_size_multiple", 1);
    Settings ssm = values.section("ssm_cfg");
    int inner = product(ssm.integer("expand", 2), hidden);
    return new MambaConfig(
        MambaLayout.ORIGINAL,
        Math.ceilDiv(size("vocab_size", 50277), multiple) * multiple,
        hidden,
        size("n_layer", 24),
        EPSILON,
        values.flag("tie_embeddings", true),
        !values.flag("rms_norm", true),
        ssm.flag("bias", false),
        ssm.flag("conv_bias", true),
        ssm.text("layer", "Mamba1").equals("Mamba2")
            ? originalHeaded(ssm, inner)
            : new MixerConfig.Selective(
                inner,
                size(ssm, "d_state", 16),
                size(ssm, "d_conv", 4),
                rank(ssm, "dt_rank", hidden)));
  }

  private MixerConfig originalHeaded(Settings ssm, int inner) {
    int headDim = size(ssm, "headdim", 64);
    if (inner % headDim != 0) {
      throw ConfigFile.corrupt(
          "%d channels are no multiple of headdim %d".formatted(inner, headDim));
    }
    int groups = size(ssm, "ngroups", 1);
    return headed(
        inner / headDim,
        headDim,
        groups,
        groups,
        size(ssm, "d_state", 128),
        size(ssm, "d_conv", 4),
        ssm);
  }

  private MixerConfig headed(
      int heads, int headDim, int groups, int normGroups, int state, int kernel, Settings mixer) {
    if (mixer.flag("norm_before_gate", false)) {
      throw unsupported("norm_before_gate");
    }
    if (heads % groups != 0) {
      throw ConfigFile.corrupt("%d groups do not divide %d heads".formatted(groups, heads));
    }
    return new MixerConfig.Headed(
        heads,
        headDim,
        groups,
        normGroups,
        state,
        kernel,
        0,
        Double.POSITIVE_INFINITY,
        values.number("layer_norm_epsilon", EPSILON));
  }

  private static int rank(Settings mixer, String key, int hidden) {
    boolean stated = mixer.has(key) && !"auto".equals(mixer.asMap().get(key));
    return stated ? size(mixer, key, 1) : Math.ceilDiv(hidden, 16);
  }

  private double epsilon() {
    double epsilon = values.number("layer_norm_epsilon", EPSILON);
    ConfigFile.requireEpsilon("layer_norm_epsilon", epsilon);
    return epsilon;
  }

  private int size(String key, int otherwise) {
    return size(values, key, otherwise);
  }

  private static int size(Settings values, String key, int otherwise) {
    int size = values.integer(key, otherwise);
    ConfigFile.requireSize(key, size);
    return size;
  }

  private static int product(int factor, int size) {
    long product = (long) factor * size;
    if (product < 1 || product > Integer.MAX_VALUE) {
      throw ConfigFile.corrupt("%d times %d is no plausible width".formatted(factor, size));
    }
    return (int) product;
  }

  private TantraException unsupported(String what) {
    return new TantraException(
        ErrorKind.UNSUPPORTED,
        "%s asks for %s, which this plugin does not compute.".formatted(values.origin(), what));
  }
}
