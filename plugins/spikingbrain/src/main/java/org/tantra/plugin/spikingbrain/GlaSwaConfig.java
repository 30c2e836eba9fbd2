package org.tantra.plugin.spikingbrain;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;

/// What `config.json` says about a SpikingBrain-7B network (`model_type` `gla_swa`). A key that is
/// missing has the value that the reference implementation gives it.
///
/// @param vocab rows of the embedding (`vocab_size`)
/// @param context most tokens of a row (`max_position_embeddings`)
/// @param hidden width of the residual stream (`hidden_size`)
/// @param layers number of layers (`num_hidden_layers`)
/// @param heads query heads (`num_attention_heads`)
/// @param kvHeads heads of keys and values (`num_key_value_heads`)
/// @param inner width of the MLP (`intermediate_size`)
/// @param epsilon of the norms (`norm_eps`)
/// @param theta base of the rotary embedding (`rope_theta`)
/// @param windowed layers with sliding-window attention (`attn_layers`); the others have gated
///   linear attention
/// @param windowKeys keys that a query sees, its own included: `sliding_window` + 1, as training
///   and the vLLM plugin count
/// @param gateRank width between the two maps of a gate (`gate_low_rank_dim`)
/// @param gateNormalizer divides the logarithm of a gate (`gate_logit_normalizer`)
/// @param tiedHead whether the head is the embedding (`tie_word_embeddings`)
/// @param spikeK see [org.tantra.nn.spike.SpikeCoding] (`spike_k`); for W8ASpike only
/// @param endIds tokens that end a text (`eos_token_id`), those in the vocabulary
/// @param startId token that begins a text (`bos_token_id`), if it is in the vocabulary
/// @see <a href="https://github.com/BICLab/SpikingBrain-7B">configuration_gla_swa.py</a>
record GlaSwaConfig(
    int vocab,
    int context,
    int hidden,
    int layers,
    int heads,
    int kvHeads,
    int inner,
    double epsilon,
    double theta,
    Set<Integer> windowed,
    int windowKeys,
    int gateRank,
    float gateNormalizer,
    boolean tiedHead,
    float spikeK,
    Set<Integer> endIds,
    OptionalInt startId) {

  static final String TYPE = "gla_swa";

  private static final int PUBLISHED_END = 151643;
  private static final Set<String> ACTIVATIONS = Set.of("swish", "silu");

  GlaSwaConfig {
    endIds = Set.copyOf(endIds);
    ConfigFile.requireSize("vocab_size", vocab);
    ConfigFile.requireSize("max_position_embeddings", context);
    ConfigFile.requireSize("hidden_size", hidden);
    ConfigFile.requireSize("num_hidden_layers", layers);
    ConfigFile.requireSize("num_attention_heads", heads);
    ConfigFile.requireSize("num_key_value_heads", kvHeads);
    ConfigFile.requireSize("intermediate_size", inner);
    ConfigFile.requireSize("gate_low_rank_dim", gateRank);
    ConfigFile.requireEpsilon("norm_eps", epsilon);
    if (hidden % heads != 0 || hidden / heads % 2 != 0 || heads % kvHeads != 0) {
      throw ConfigFile.corrupt(
          "hidden_size %d, num_attention_heads %d and num_key_value_heads %d do not go together"
              .formatted(hidden, heads, kvHeads));
    }
    if (!(theta > 0) || !(gateNormalizer > 0)) {
      throw ConfigFile.corrupt(
          "rope_theta is %s and gate_logit_normalizer %s; both must be above 0"
              .formatted(theta, gateNormalizer));
    }
    windowed = Set.copyOf(windowed);
    for (int layer : windowed) {
      if (layer < 0 || layer >= layers) {
        throw ConfigFile.corrupt(
            "attn_layers names layer %d of %d (num_hidden_layers)".formatted(layer, layers));
      }
    }
  }

  /// @throws org.tantra.api.TantraException `CORRUPT` if sizes are impossible; `INVALID` if a value
  ///   is of the wrong kind; `UNSUPPORTED` if the file asks for something this network does not
  ///   have
  static GlaSwaConfig of(Settings json) {
    String activation = json.text("hidden_act", "swish");
    if (!ACTIVATIONS.contains(activation)) {
      throw ConfigFile.unsupported(
          "asks for hidden_act '%s'; this plugin knows %s."
              .formatted(activation, String.join(", ", new TreeSet<>(ACTIVATIONS))));
    }
    for (String key : List.of("use_short_conv", "use_sigmoid_gate")) {
      if (json.flag(key, false)) {
        throw ConfigFile.unsupported(
            "asks for %s, which this plugin does not have. No published checkpoint does."
                .formatted(key));
      }
    }
    if (json.has("rope_scaling")) {
      throw ConfigFile.unsupported(
          "asks for rope_scaling, which this plugin does not have. No published checkpoint does.");
    }
    int vocab = json.integer("vocab_size", 152064);
    int layers = json.integer("num_hidden_layers", 28);
    ConfigFile.requireSize("num_hidden_layers", layers);
    int window = json.integer("sliding_window", 4096);
    ConfigFile.requireSize("sliding_window", window);
    return new GlaSwaConfig(
        vocab,
        json.integer("max_position_embeddings", 131072),
        json.integer("hidden_size", 3584),
        layers,
        json.integer("num_attention_heads", 28),
        json.integer("num_key_value_heads", 4),
        json.integer("intermediate_size", 18944),
        json.number("norm_eps", 1e-6),
        json.number("rope_theta", 1e6),
        windowed(json, layers),
        window + 1,
        json.integer("gate_low_rank_dim", 16),
        (float) json.number("gate_logit_normalizer", 16),
        json.flag("tie_word_embeddings", false),
        SpikingBrainModel.spikeK(json),
        ConfigFile.tokens(json, "eos_token_id", PUBLISHED_END, vocab),
        ConfigFile.token(json, "bos_token_id", PUBLISHED_END, vocab));
  }

  /// Every second layer unless the file says otherwise.
  private static Set<Integer> windowed(Settings json, int layers) {
    if (json.has("attn_layers")) {
      return Set.copyOf(new TreeSet<>(json.integers("attn_layers")));
    }
    Set<Integer> odd = new TreeSet<>();
    for (int layer = 1; layer < layers; layer += 2) {
      odd.add(layer);
    }
    return odd;
  }

  int headDim() {
    return hidden / heads;
  }

  /// Width of the keys, and of the values, of one token.
  int kvWidth() {
    return kvHeads * headDim();
  }

  float scale() {
    return (float) (1 / Math.sqrt(headDim()));
  }

  /// The same network with another window.
  GlaSwaConfig withWindowKeys(int keys) {
    return new GlaSwaConfig(
        vocab,
        context,
        hidden,
        layers,
        heads,
        kvHeads,
        inner,
        epsilon,
        theta,
        windowed,
        keys,
        gateRank,
        gateNormalizer,
        tiedHead,
        spikeK,
        endIds,
        startId);
  }
}
