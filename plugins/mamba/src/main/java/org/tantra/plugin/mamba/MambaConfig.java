package org.tantra.plugin.mamba;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.StateDict;

/// The sizes of a network. They follow from the shapes of its weights, so that checkpoints run that
/// were published without `config.json`; where that file states a size, it must agree.
///
/// @param layout how the weights are named
/// @param epsilon of all norms
/// @param tied whether the embedding is also the head
/// @param layerNorm whether the norms have a bias: layer norms instead of RMS norms
/// @param bias whether the projections into and out of the mixer have one
/// @param convolutionBias whether the convolution has one
record MambaConfig(
    MambaLayout layout,
    int vocab,
    int hidden,
    int layers,
    double epsilon,
    boolean tied,
    boolean layerNorm,
    boolean bias,
    boolean convolutionBias,
    MixerConfig mixer) {
  /// Of every published checkpoint.
  private static final double EPSILON = 1e-5;

  /// Numbers in the state of one layer; the largest published has two million.
  private static final long MAXIMUM_STATE = 1 << 28;

  /// Reads the sizes.
  ///
  /// @param json `config.json`, or nothing set if the checkpoint has none
  /// @throws TantraException `UNSUPPORTED` if the network is a variant this plugin does not
  ///   compute; `CORRUPT` if config and weights do not belong together
  static MambaConfig of(Settings json, StateDict weights) {
    try {
      return new Reading(json, weights).config();
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      // The request is not at fault, the checkpoint is.
      throw new TantraException(ErrorKind.CORRUPT, String.valueOf(e.getMessage()), e);
    }
  }

  /// The first size that `config.json` states otherwise, under whichever layout's name for it.
  ///
  /// @return its key, and the size of this network
  Optional<Map.Entry<String, Integer>> contradiction(Settings json) {
    return sizes().entrySet().stream()
        .filter(size -> json.has(size.getKey()))
        .filter(size -> !"auto".equals(json.asMap().get(size.getKey())))
        .filter(size -> json.integer(size.getKey()) != size.getValue())
        .findFirst();
  }

  private Map<String, Integer> sizes() {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    sizes.put("hidden_size", hidden);
    sizes.put("d_model", hidden);
    sizes.put("num_hidden_layers", layers);
    sizes.put("n_layer", layers);
    sizes.put("n_layers", layers);
    sizes.put("conv_kernel", mixer.kernel());
    sizes.put("d_conv", mixer.kernel());
    switch (mixer) {
      case MixerConfig.Selective(int inner, int state, int _, int rank) -> {
        sizes.put("intermediate_size", inner);
        sizes.put("d_inner", inner);
        sizes.put("state_size", state);
        sizes.put("time_step_rank", rank);
      }
      case MixerConfig.Headed headed -> {
        sizes.put("intermediate_size", headed.inner());
        sizes.put("d_inner", headed.inner());
        sizes.put("state_size", headed.state());
        sizes.put("num_heads", headed.heads());
        sizes.put("head_dim", headed.headDim());
      }
      case MixerConfig.GatedConv _ -> {} // its kernel is all there is
    }
    return sizes;
  }

  /// `config.json` held against the weights.
  private record Reading(Settings json, StateDict weights) {
    MambaConfig config() {
      MambaLayout layout = MambaLayout.of(weights);
      int vocab = weights.size(layout.embedding, 2, 0);
      int hidden = weights.size(layout.embedding, 2, 1);
      int layers = weights.layers(layout.layers);
      if (json.has("vocab_size")) {
        int multiple = json.integer("pad_vocab_size_multiple", 1);
        int padding = layout == MambaLayout.ORIGINAL ? Math.max(1, multiple) : 1;
        int stated = Math.ceilDiv(json.integer("vocab_size"), padding) * padding;
        if (stated != vocab) {
          throw disagreement("vocab_size", vocab, stated);
        }
      }
      requireOnly("hidden_act", "silu");
      boolean stored = weights.has(layout.head + ".weight");
      // Of all upstream classes only the published Mamba-2 keeps a head of its own unless told so.
      boolean usual =
          !(layout == MambaLayout.PUBLISHED && json.text("model_type", "").equals("mamba2"));
      boolean tied =
          json.flag("tie_word_embeddings", json.flag("tie_embeddings", usual || !stored));
      if (layout == MambaLayout.TANTRA || json.keys().isEmpty()) {
        tied = !stored;
      }
      double epsilon = json.number("layer_norm_epsilon", EPSILON);
      if (!(epsilon > 0 && epsilon < 1)) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "%s: layer_norm_epsilon is %s; it must be above 0 and below 1."
                .formatted(json.origin(), epsilon));
      }
      String mixer = layout.layer(0) + layout.mixer;
      MambaConfig config =
          new MambaConfig(
              layout,
              vocab,
              hidden,
              layers,
              epsilon,
              tied,
              weights.has(layout.layer(0) + "norm.bias"),
              bias("use_bias", mixer + "in_proj.bias"),
              bias("use_conv_bias", mixer + layout.convolution + ".bias"),
              mixer(layout, mixer));
      config
          .contradiction(json)
          .ifPresent(
              key -> {
                throw disagreement(key.getKey(), key.getValue(), json.integer(key.getKey()));
              });
      return config;
    }

    /// Whether a bias is there, as it must be if the config says so.
    private boolean bias(String key, String name) {
      boolean present = weights.has(name);
      if (json.flag(key, present) != present) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "%s says %s %s, but '%s' has %s weight '%s'. The config belongs to another checkpoint."
                .formatted(
                    json.origin(), key, !present, weights.origin(), present ? "a" : "no", name));
      }
      return present;
    }

    private MixerConfig mixer(MambaLayout layout, String mixer) {
      int kernel = weights.size(layout.convolution(0), 3, 2);
      if (layout == MambaLayout.TANTRA) {
        return new MixerConfig.GatedConv(kernel);
      }
      Settings ssm = json.section("ssm_cfg");
      int inner = weights.size(mixer + "out_proj.weight", 2, 1);
      if (!json.list("attn_layer_idx").isEmpty() || json.integer("d_intermediate", 0) > 0) {
        throw unsupported("attention or feed-forward layers between the Mamba layers");
      }
      boolean selective = weights.rank(mixer + "A_log") == 2;
      // Relatives such as falcon_mamba have the same weights and compute something else.
      requireOnly("model_type", selective ? "mamba" : "mamba2");
      return selective
          ? selective(mixer, inner, kernel)
          : headed(layout, ssm, mixer, inner, kernel);
    }

    private MixerConfig selective(String mixer, int inner, int kernel) {
      int state = weights.size(mixer + "A_log", 2, 1);
      int rank = weights.size(mixer + "dt_proj.weight", 2, 1);
      return new MixerConfig.Selective(inner, state, kernel, rank);
    }

    private MixerConfig headed(
        MambaLayout layout, Settings ssm, String mixer, int inner, int kernel) {
      if (json.flag("norm_before_gate", false) || ssm.flag("norm_before_gate", false)) {
        throw unsupported("norm_before_gate");
      }
      int heads = weights.size(mixer + "A_log", 1, 0);
      int convolved = weights.size(layout.convolution(0), 3, 0);
      int usualGroups = layout == MambaLayout.PUBLISHED && !json.keys().isEmpty() ? 8 : 1;
      int groups = json.integer("n_groups", ssm.integer("ngroups", usualGroups));
      int shared = convolved - inner;
      if (inner % heads != 0
          || groups < 1
          || heads % groups != 0
          || shared % (2 * groups) != 0
          || shared < 2 * groups) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "%s: %d channels in %d heads and %d groups (n_groups) do not divide evenly; %d go through the convolution."
                .formatted(weights.origin(), inner, heads, groups, convolved));
      }
      int state = shared / (2 * groups);
      if ((long) inner * state > MAXIMUM_STATE) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "%s: %d channels with a state of %d numbers each are implausible."
                .formatted(weights.origin(), inner, state));
      }
      var limits = ssm.has("dt_limit") ? ssm.list("dt_limit") : json.list("time_step_limit");
      return new MixerConfig.Headed(
          heads,
          inner / heads,
          groups,
          // With several groups the two upstream implementations differ.
          layout == MambaLayout.ORIGINAL ? groups : 1,
          state,
          kernel,
          limits.size() == 2 ? limit(limits.get(0)) : 0,
          limits.size() == 2 ? limit(limits.get(1)) : Double.POSITIVE_INFINITY,
          json.number("layer_norm_epsilon", EPSILON));
    }

    /// Upstream writes infinity as the bare word, as text, or as `{"__float__": "Infinity"}`.
    private double limit(Object value) {
      return switch (value) {
        case Number number -> number.doubleValue();
        case Map<?, ?> tagged when tagged.get("__float__") instanceof String text -> limit(text);
        case String text when text.matches("\\+?[Ii]nf(inity)?") -> Double.POSITIVE_INFINITY;
        default ->
            throw new TantraException(
                ErrorKind.CORRUPT,
                "%s: time_step_limit holds %s; two numbers are needed."
                    .formatted(json.origin(), value));
      };
    }

    private void requireOnly(String key, String supported) {
      String value = json.text(key, supported);
      if (!value.equals(supported)) {
        throw unsupported(key + " '" + value + "'");
      }
    }

    private TantraException disagreement(String key, int actual, int stated) {
      return new TantraException(
          ErrorKind.CORRUPT,
          "%s says %s %d, the weights of '%s' have %d. The config belongs to another checkpoint."
              .formatted(json.origin(), key, stated, weights.origin(), actual));
    }

    private TantraException unsupported(String what) {
      return new TantraException(
          ErrorKind.UNSUPPORTED,
          "'%s' is a Mamba with %s, which this plugin does not compute."
              .formatted(weights.origin(), what));
    }
  }
}
