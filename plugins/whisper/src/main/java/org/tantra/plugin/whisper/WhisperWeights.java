package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.PlannedWeights;
import org.tantra.nn.StateDict;
import org.tantra.plugin.whisper.WhisperConfig.Layout;

/// The weights of a network by their roles; the one place that knows the names of both layouts.
final class WhisperWeights {
  /// The encoder's.
  ///
  /// @param conv1 over mel bands, `[hidden, mels, 3]`
  /// @param conv2 with stride 2, `[hidden, hidden, 3]`
  /// @param positions as stored, not recomputed: 16-bit files have them rounded
  record Audio(Map conv1, Map conv2, TensorView positions, List<Block> blocks, Norm norm) {}

  /// The decoder's.
  ///
  /// @param tokens embedding of tokens and, turned around, the head: `[vocab, hidden]`
  record Text(TensorView tokens, TensorView positions, List<Block> blocks, Norm norm) {}

  /// `init_std` of every published configuration.
  private static final double DEVIATION = 0.02;

  private static final String HEAD = "proj_out.weight";

  /// Gain and bias of a layer norm, `[hidden]` each.
  record Norm(TensorView gain, TensorView bias) {}

  /// A linear map or convolution; keys have no bias.
  record Map(TensorView weight, @Nullable TensorView bias) {}

  /// What one attention is made of, each `[hidden, hidden]`.
  record Attending(Norm norm, Map query, Map key, Map value, Map out) {}

  /// One layer.
  ///
  /// @param cross to the encoder's output; only in the decoder
  record Block(Attending self, @Nullable Attending cross, Norm norm, Map up, Map down) {}

  /// Names of one layout.
  private record Names(
      String layers,
      String self,
      String selfNorm,
      String cross,
      String crossNorm,
      String query,
      String key,
      String value,
      String out,
      String up,
      String down,
      String innerNorm,
      String audioNorm,
      String textNorm,
      String tokens,
      String positions) {

    static Names of(Layout layout) {
      return switch (layout) {
        case HUGGING_FACE ->
            new Names(
                "layers.",
                "self_attn.",
                "self_attn_layer_norm.",
                "encoder_attn.",
                "encoder_attn_layer_norm.",
                "q_proj.",
                "k_proj.",
                "v_proj.",
                "out_proj.",
                "fc1.",
                "fc2.",
                "final_layer_norm.",
                "layer_norm.",
                "layer_norm.",
                "embed_tokens.weight",
                "embed_positions.weight");
        case ORIGINAL ->
            new Names(
                "blocks.",
                "attn.",
                "attn_ln.",
                "cross_attn.",
                "cross_attn_ln.",
                "query.",
                "key.",
                "value.",
                "out.",
                "mlp.0.",
                "mlp.2.",
                "mlp_ln.",
                "ln_post.",
                "ln.",
                "token_embedding.weight",
                "positional_embedding");
      };
    }
  }

  private WhisperWeights() {}

  /// @throws org.tantra.api.TantraException `CORRUPT` if a weight is missing or does not fit
  static Audio audio(WhisperConfig config, StateDict weights) {
    return reading(config, weights, prefix(weights, config.layout())).audio();
  }

  /// @throws org.tantra.api.TantraException `CORRUPT` if a weight is missing or does not fit
  static Text text(WhisperConfig config, StateDict weights) {
    return reading(config, weights, prefix(weights, config.layout())).text();
  }

  private static Reading reading(WhisperConfig config, StateDict weights, String prefix) {
    return new Reading(config, weights, prefix, Names.of(config.layout()));
  }

  /// The weights of a network that has none yet, with the values that training began with.
  static WeightPlan plan(WhisperConfig config) {
    PlannedWeights planned = new PlannedWeights(DType.F32, WhisperWeights::start);
    String prefix = config.layout() == Layout.HUGGING_FACE ? "model." : "";
    Reading reading = reading(config, planned, prefix);
    var _ = reading.audio();
    var _ = reading.text();
    planned.ignore(HEAD);
    planned.ignore("decoder.mask");
    return planned.plan();
  }

  private static WeightPlan.Start start(TensorInfo info) {
    String name = info.name();
    if (name.endsWith(".bias")) {
      return new WeightPlan.Start.Constant(0);
    }
    return info.shape().rank() == 1
        ? new WeightPlan.Start.Constant(1)
        : new WeightPlan.Start.Normal(DEVIATION);
  }

  /// What stands before all names: files hold a whole model, its state dict, or the inner model's.
  static String prefix(StateDict weights, Layout layout) {
    List<String> prefixes =
        layout == Layout.HUGGING_FACE
            ? List.of("model.", "")
            : List.of("", "model_state_dict.", "model.");
    return prefixes.stream()
        .filter(prefix -> weights.has(prefix + "encoder.conv1.weight"))
        .findFirst()
        .orElse(prefixes.getFirst());
  }

  private record Reading(WhisperConfig config, StateDict weights, String prefix, Names names) {
    Audio audio() {
      int hidden = config.hidden();
      String encoder = prefix + "encoder.";
      Map conv1 = conv(encoder + "conv1.", config.mels());
      Map conv2 = conv(encoder + "conv2.", hidden);
      TensorView positions =
          weights.weight(encoder + names.positions, config.audioPositions(), hidden);
      List<Block> blocks = new ArrayList<>();
      for (int i = 0; i < config.audioLayers(); i++) {
        blocks.add(block(encoder + names.layers + i + ".", config.audioInner(), false));
      }
      return new Audio(conv1, conv2, positions, blocks, norm(encoder + names.audioNorm));
    }

    Text text() {
      int hidden = config.hidden();
      String decoder = prefix + "decoder.";
      TensorView tokens = weights.weight(decoder + names.tokens, config.vocab(), hidden);
      TensorView positions =
          weights.weight(decoder + names.positions, config.textPositions(), hidden);
      List<Block> blocks = new ArrayList<>();
      for (int i = 0; i < config.textLayers(); i++) {
        blocks.add(block(decoder + names.layers + i + ".", config.textInner(), true));
      }
      return new Text(tokens, positions, blocks, norm(decoder + names.textNorm));
    }

    private Block block(String at, int inner, boolean crosses) {
      int hidden = config.hidden();
      return new Block(
          attending(at + names.self, at + names.selfNorm),
          crosses ? attending(at + names.cross, at + names.crossNorm) : null,
          norm(at + names.innerNorm),
          map(at + names.up, inner, hidden),
          map(at + names.down, hidden, inner));
    }

    private Attending attending(String at, String normAt) {
      int hidden = config.hidden();
      return new Attending(
          norm(normAt),
          map(at + names.query, hidden, hidden),
          new Map(weights.weight(at + names.key + "weight", hidden, hidden), null),
          map(at + names.value, hidden, hidden),
          map(at + names.out, hidden, hidden));
    }

    private Norm norm(String at) {
      return new Norm(
          weights.weight(at + "weight", config.hidden()),
          weights.weight(at + "bias", config.hidden()));
    }

    private Map map(String at, int out, int in) {
      return new Map(weights.weight(at + "weight", out, in), weights.weight(at + "bias", out));
    }

    private Map conv(String at, int in) {
      return new Map(
          weights.weight(at + "weight", config.hidden(), in, 3),
          weights.weight(at + "bias", config.hidden()));
    }
  }
}
