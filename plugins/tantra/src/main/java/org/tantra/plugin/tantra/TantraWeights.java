package org.tantra.plugin.tantra;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.PlannedWeights;
import org.tantra.nn.StateDict;

/// All weights of a network, by role: the one place that knows their names and shapes.
///
/// @param tokens embedding of tokens, `[vocab, hidden]`
/// @param positions embedding of positions, `[context, hidden]`
/// @param imageConvolution `[imageChannels, 1, 3, 3]`
/// @param imageMap from image channels to hidden
/// @param head `[vocab, hidden]`, without bias
record TantraWeights(
    TensorView tokens,
    TensorView positions,
    List<Layer> layers,
    Map imageConvolution,
    Map imageMap,
    Norm finalNorm,
    TensorView head) {
  /// A layer norm, `[hidden]` each.
  record Norm(TensorView gain, TensorView bias) {}

  /// A linear map `[out, in]`, or a convolution.
  record Map(TensorView weight, TensorView bias) {}

  /// One encoder layer.
  ///
  /// @param attention queries, keys and values in one, `[3 · hidden, hidden]`
  /// @param projection of the attended values, `[hidden, hidden]`
  /// @param up `[inner, hidden]`
  /// @param down `[hidden, inner]`
  record Layer(Map attention, Map projection, Norm norm1, Map up, Map down, Norm norm2) {}

  TantraWeights {
    layers = List.copyOf(layers);
  }

  /// @throws org.tantra.api.TantraException `CORRUPT` if a weight is missing or has another shape,
  ///   `UNSUPPORTED` if its dtype has no kernels
  static TantraWeights of(TantraConfig config, StateDict weights) {
    int hidden = config.hidden();
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer(config, "layers." + i + ".", weights));
    }
    return new TantraWeights(
        weights.weight("embed.weight", config.vocab(), hidden),
        weights.weight("pos_embed", config.context(), hidden),
        layers,
        map(weights, "ocr_conv.", config.imageChannels(), 1, 3, 3),
        map(weights, "ocr_proj.", hidden, config.imageChannels()),
        norm(weights, "norm.", hidden),
        weights.weight("out.weight", config.vocab(), hidden));
  }

  /// The weights of a network, with the values that PyTorch's modules begin with.
  static WeightPlan plan(TantraConfig config) {
    PlannedWeights planned = new PlannedWeights(DType.F32, TantraWeights::start);
    var _ = of(config, planned);
    return planned.plan();
  }

  private static WeightPlan.Start start(TensorInfo info) {
    String name = info.name();
    if (info.shape().rank() == 1) {
      boolean gain = name.contains("norm") && name.endsWith("weight");
      return new WeightPlan.Start.Constant(gain ? 1 : 0);
    }
    // PyTorch begins embeddings with variance 1, which an untrained head turns into huge logits.
    return name.equals("embed.weight") || name.equals("pos_embed")
        ? new WeightPlan.Start.Normal(0.02)
        : PlannedWeights.spreadByInputs(info);
  }

  private static Layer layer(TantraConfig config, String at, StateDict weights) {
    int hidden = config.hidden();
    return new Layer(
        new Map(
            weights.weight(at + "self_attn.in_proj_weight", 3L * hidden, hidden),
            weights.weight(at + "self_attn.in_proj_bias", 3L * hidden)),
        map(weights, at + "self_attn.out_proj.", hidden, hidden),
        norm(weights, at + "norm1.", hidden),
        map(weights, at + "linear1.", config.inner(), hidden),
        map(weights, at + "linear2.", hidden, config.inner()),
        norm(weights, at + "norm2.", hidden));
  }

  private static Norm norm(StateDict weights, String at, int hidden) {
    return new Norm(weights.weight(at + "weight", hidden), weights.weight(at + "bias", hidden));
  }

  private static Map map(StateDict weights, String at, long... shape) {
    return new Map(weights.weight(at + "weight", shape), weights.weight(at + "bias", shape[0]));
  }
}
