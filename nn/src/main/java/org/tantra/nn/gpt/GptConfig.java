package org.tantra.nn.gpt;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Function;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.Activation;

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
/// @param endId token that ends a text (`eos_token_id`), if it is in the vocabulary
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
    OptionalInt endId,
    OptionalInt startId) {

  /// The file's name.
  public static final String FILE = "config.json";

  private static final int PUBLISHED_END = 50256;

  /// Far above every published checkpoint, and low enough that no product of two sizes overflows.
  private static final int MAXIMUM_SIZE = 1 << 24;

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

  /// @throws TantraException `CORRUPT` if a size is impossible
  public GptConfig {
    requireSize("vocab_size", vocab);
    requireSize("n_positions", context);
    requireSize("n_embd", hidden);
    requireSize("n_layer", layers);
    requireSize("n_head", heads);
    requireSize("n_inner", inner);
    if (hidden % heads != 0) {
      throw corrupt("n_embd is " + hidden + ", which " + heads + " heads (n_head) do not divide");
    }
    if (!(epsilon > 0 && epsilon < 1)) {
      throw corrupt("layer_norm_epsilon is " + epsilon + "; it must be above 0 and below 1");
    }
  }

  private static void requireSize(String key, int size) {
    if (size < 1 || size > MAXIMUM_SIZE) {
      throw corrupt(key + " is " + size + "; it must be between 1 and " + MAXIMUM_SIZE);
    }
  }

  private static TantraException corrupt(String what) {
    return new TantraException(
        ErrorKind.CORRUPT,
        FILE + ": " + what + ". The file is damaged or belongs to another kind of model.");
  }

  /// Reads `config.json` of a checkpoint with `reader`, usually [#of]. What the reader finds
  /// `INVALID` becomes `CORRUPT`: the request is not at fault, the checkpoint is.
  ///
  /// @throws TantraException `NOT_FOUND` if there is no `config.json`; otherwise as `reader`
  public static <C> C read(Checkpoint checkpoint, Function<Settings, C> reader) {
    Settings json =
        checkpoint
            .json(FILE)
            .orElseThrow(
                () ->
                    new TantraException(
                        ErrorKind.NOT_FOUND,
                        "Checkpoint '"
                            + checkpoint.name()
                            + "' has no config.json, which says how large the network is. Put the"
                            + " published one beside the weights."));
    try {
      return reader.apply(json);
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      throw new TantraException(ErrorKind.CORRUPT, String.valueOf(e.getMessage()), e);
    }
  }

  /// @param types values of `model_type` that the caller runs; the first stands for a missing one
  /// @param tied whether the head is the embedding when `tie_word_embeddings` is missing
  /// @throws TantraException `CORRUPT` if sizes are impossible; `INVALID` if a value is of the
  ///   wrong kind; `UNSUPPORTED` if the file asks for something this network does not have
  public static GptConfig of(Settings json, List<String> types, boolean tied) {
    String type = json.text("model_type", types.getFirst());
    if (!types.contains(type)) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          FILE
              + " describes a model of type '"
              + type
              + "'; this plugin runs '"
              + String.join("' and '", types)
              + "'. Load it as a model of its own type.");
    }
    if (json.flag("add_cross_attention", false)) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          FILE
              + " asks for cross-attention (add_cross_attention), which this plugin does not have."
              + " Use a checkpoint of a decoder alone.");
    }
    int vocab = json.integer("vocab_size", 50257);
    int hidden = json.integer("n_embd", json.integer("hidden_size", 768));
    return new GptConfig(
        vocab,
        json.integer("n_positions", json.integer("max_position_embeddings", 1024)),
        hidden,
        json.integer("n_layer", json.integer("num_hidden_layers", 12)),
        json.integer("n_head", json.integer("num_attention_heads", 12)),
        json.has("n_inner") ? json.integer("n_inner") : Math.multiplyExact(4, hidden),
        json.number("layer_norm_epsilon", 1e-5),
        activation(json.text("activation_function", "gelu_new")),
        json.flag("scale_attn_weights", true),
        json.flag("scale_attn_by_inverse_layer_idx", false),
        json.flag("tie_word_embeddings", tied),
        token(json, "eos_token_id", vocab),
        token(json, "bos_token_id", vocab));
  }

  private static Activation activation(String name) {
    Activation activation = ACTIVATIONS.get(name);
    if (activation == null) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          FILE
              + ": activation_function is '"
              + name
              + "'; this plugin knows "
              + String.join(", ", new TreeSet<>(ACTIVATIONS.keySet()))
              + ".");
    }
    return activation;
  }

  private static OptionalInt token(Settings json, String key, int vocab) {
    int id = json.integer(key, PUBLISHED_END);
    return id >= 0 && id < vocab ? OptionalInt.of(id) : OptionalInt.empty();
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
