package org.tantra.nn.gpt;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.Activation;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.GgufConfig;

/// What `config.json` says about the network. A key that is missing has the value that the
/// reference implementation gives it.
///
/// @param vocab rows of the embedding (`vocab_size`)
/// @param context positions (`n_positions`)
/// @param hidden width of the residual stream (`n_embd`)
/// @param layers blocks (`n_layer`)
/// @param heads attention heads (`n_head`)
/// @param inner width between the two maps of a block's MLP (`n_inner`; four times hidden if null)
/// @param epsilon of the layer norms (`layer_norm_epsilon`)
/// @param activation between the two maps of the MLP (`activation_function`)
/// @param scaleByHeadDim whether scores are divided by the root of the head's width
///   (`scale_attn_weights`)
/// @param scaleByLayer whether scores are also divided by the layer's number, counted from 1
///   (`scale_attn_by_inverse_layer_idx`)
/// @param tiedHead whether the head is the embedding (`tie_word_embeddings`)
/// @param endIds tokens that end a text (`eos_token_id`), those in the vocabulary
/// @param startId token that begins a text (`bos_token_id`), if it is in the vocabulary
/// @see <a href="https://huggingface.co/docs/transformers/model_doc/gpt2">the schema</a>
public record GptConfig(
    int vocab,
    int context,
    int hidden,
    int layers,
    int heads,
    int inner,
    double epsilon,
    Activation activation,
    boolean scaleByHeadDim,
    boolean scaleByLayer,
    boolean tiedHead,
    Set<Integer> endIds,
    OptionalInt startId) {

  private static final int PUBLISHED_END = 50256;

  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "gelu_new", Activation.GELU_TANH,
          "gelu_fast", Activation.GELU_TANH,
          "gelu_pytorch_tanh", Activation.GELU_TANH,
          "gelu", Activation.GELU_ERF,
          "quick_gelu", Activation.QUICK_GELU,
          "relu", Activation.RELU,
          "silu", Activation.SILU,
          "swish", Activation.SILU,
          "tanh", Activation.TANH);

  /// What llama.cpp calls the sizes.
  private static final Map<String, String> GGUF_NAMES =
      Map.of(
          "vocab_size", "vocab_size",
          "context_length", "n_positions",
          "embedding_length", "n_embd",
          "block_count", "n_layer",
          "attention.head_count", "n_head",
          "feed_forward_length", "n_inner",
          "attention.layer_norm_epsilon", "layer_norm_epsilon");

  /// @throws TantraException `CORRUPT` if a size is impossible
  public GptConfig {
    ConfigFile.requireSize("vocab_size", vocab);
    ConfigFile.requireSize("n_positions", context);
    ConfigFile.requireSize("n_embd", hidden);
    ConfigFile.requireSize("n_layer", layers);
    ConfigFile.requireSize("n_head", heads);
    ConfigFile.requireSize("n_inner", inner);
    if (hidden % heads != 0) {
      throw ConfigFile.corrupt(
          "n_embd is " + hidden + ", which " + heads + " heads (n_head) do not divide");
    }
    ConfigFile.requireEpsilon("layer_norm_epsilon", epsilon);
    endIds = Set.copyOf(endIds);
  }

  /// @param values a `config.json`, or what a GGUF file says of itself
  /// @param types values of `model_type` that the caller runs; the first stands for a missing one
  /// @param tied whether the head is the embedding when `tie_word_embeddings` is missing
  /// @throws TantraException `CORRUPT` if sizes are impossible; `INVALID` if a value is of the
  ///   wrong kind; `UNSUPPORTED` if the file asks for something this network does not have
  public static GptConfig of(Settings values, List<String> types, boolean tied) {
    Settings json = GgufConfig.translated(values, GGUF_NAMES);
    String type = json.text("model_type", types.getFirst());
    if (!types.contains(type)) {
      throw ConfigFile.unsupported(
          "describes a model of type '"
              + type
              + "'; this plugin runs '"
              + String.join("' and '", types)
              + "'. Load it as a model of its own type.");
    }
    if (json.flag("add_cross_attention", false)) {
      throw ConfigFile.unsupported(
          "asks for cross-attention (add_cross_attention), which this plugin does not have. Use a"
              + " checkpoint of a decoder alone.");
    }
    int vocab = json.integer("vocab_size", 50257);
    int hidden = first(json, 768, "n_embd", "hidden_size", "d_model");
    ConfigFile.requireSize("n_embd", hidden);
    return new GptConfig(
        vocab,
        first(json, 1024, "n_positions", "max_position_embeddings", "max_seq_len"),
        hidden,
        first(json, 12, "n_layer", "num_hidden_layers", "n_layers"),
        first(json, 12, "n_head", "num_attention_heads", "n_heads"),
        json.has("n_inner") ? json.integer("n_inner") : 4 * hidden,
        json.number("layer_norm_epsilon", 1e-5),
        activation(json.text("activation_function", "gelu_new")),
        json.flag("scale_attn_weights", true),
        json.flag("scale_attn_by_inverse_layer_idx", false),
        json.flag("tie_word_embeddings", tied),
        ConfigFile.tokens(json, "eos_token_id", PUBLISHED_END, vocab),
        ConfigFile.token(json, "bos_token_id", PUBLISHED_END, vocab));
  }

  /// The value of the first of these keys that is set. The last one of each is spelled as in
  /// `Config/<model>.yaml`.
  private static int first(Settings json, int otherwise, String... keys) {
    for (String key : keys) {
      if (json.has(key)) {
        return json.integer(key);
      }
    }
    return otherwise;
  }

  private static Activation activation(String name) {
    Activation activation = ACTIVATIONS.get(name);
    if (activation == null) {
      throw ConfigFile.unsupported(
          "asks for activation_function '"
              + name
              + "'; this plugin knows "
              + String.join(", ", new TreeSet<>(ACTIVATIONS.keySet()))
              + ".");
    }
    return activation;
  }

  /// The same network whose head is the embedding, or is not.
  GptConfig withTiedHead(boolean tied) {
    return new GptConfig(
        vocab,
        context,
        hidden,
        layers,
        heads,
        inner,
        epsilon,
        activation,
        scaleByHeadDim,
        scaleByLayer,
        tied,
        endIds,
        startId);
  }

  /// Width of one attention head.
  public int headDim() {
    return hidden / heads;
  }

  /// Factor of the attention scores in a layer.
  float scale(int layer) {
    double scale = scaleByHeadDim ? 1 / Math.sqrt(headDim()) : 1;
    return (float) (scaleByLayer ? scale / (layer + 1) : scale);
  }
}
