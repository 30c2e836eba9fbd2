package org.tantra.plugin.mamba;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.PlannedWeights;
import org.tantra.nn.StateDict;

/// All weights of `mamba_multimodal`, by role: the one place that knows their names and shapes.
///
/// @param text `[vocab, hidden]`
/// @param audio `[hidden, audioDim]`
/// @param vision `[hidden, visionDim]`
/// @param modality `[3, hidden]`, added to each token: text, audio, vision
/// @param textHead `[vocab, hidden]`
/// @param audioHead `[audioDim, hidden]`: the next frame, for training
/// @param visionHead `[visionDim, hidden]`: the next patch, for training
record MultimodalWeights(
    TensorView text,
    MambaWeights.Map audio,
    MambaWeights.Map vision,
    TensorView modality,
    List<Layer> layers,
    TensorView finalNorm,
    MambaWeights.Map textHead,
    MambaWeights.Map audioHead,
    MambaWeights.Map visionHead) {

  /// One layer: a mixer of tokens, and a mixture of experts.
  ///
  /// @param router `[experts, hidden]`
  record Layer(
      TensorView norm1,
      MambaWeights.Selective mixer,
      TensorView norm2,
      MambaWeights.Map router,
      List<Expert> experts) {
    Layer {
      experts = List.copyOf(experts);
    }
  }

  /// One expert: up, SiLU, down.
  record Expert(MambaWeights.Map up, MambaWeights.Map down) {}

  MultimodalWeights {
    layers = List.copyOf(layers);
  }

  /// @throws org.tantra.api.TantraException `CORRUPT` if a weight is missing or has another shape
  static MultimodalWeights of(MultimodalConfig config, StateDict weights) {
    int hidden = config.hidden();
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer(config, "layers." + i + ".", weights));
    }
    return new MultimodalWeights(
        weights.weight("embed.weight", config.vocab(), hidden),
        MambaWeights.map(weights, true, "audio_encoder", hidden, config.audioDim()),
        MambaWeights.map(weights, true, "vision_encoder", hidden, config.visionDim()),
        weights.weight("modality_embed.weight", 3, hidden),
        layers,
        weights.weight("norm.weight", hidden),
        MambaWeights.map(weights, false, "text_head", config.vocab(), hidden),
        MambaWeights.map(weights, true, "audio_head", config.audioDim(), hidden),
        MambaWeights.map(weights, true, "vision_head", config.visionDim(), hidden));
  }

  private static Layer layer(MultimodalConfig config, String at, StateDict weights) {
    int hidden = config.hidden();
    List<Expert> experts = new ArrayList<>();
    for (int e = 0; e < config.experts(); e++) {
      String name = at + "experts." + e + ".";
      experts.add(
          new Expert(
              MambaWeights.map(weights, true, name + "up", config.expertInner(), hidden),
              MambaWeights.map(weights, true, name + "down", hidden, config.expertInner())));
    }
    return new Layer(
        weights.weight(at + "norm1.weight", hidden),
        MambaWeights.selective(weights, at + "mixer.", hidden, config.mixer(), false, true),
        weights.weight(at + "norm2.weight", hidden),
        MambaWeights.map(weights, false, at + "router", config.experts(), hidden),
        experts);
  }

  static WeightPlan plan(MultimodalConfig config) {
    PlannedWeights planned = new PlannedWeights(DType.F32, MultimodalWeights::start);
    var _ = of(config, planned);
    return planned.plan();
  }

  private static WeightPlan.Start start(TensorInfo info) {
    boolean gain = info.name().endsWith("norm1.weight") || info.name().endsWith("norm2.weight");
    return gain ? new WeightPlan.Start.Constant(1) : MambaWeights.start(info);
  }
}
