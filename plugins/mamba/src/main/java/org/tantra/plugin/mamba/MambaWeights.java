package org.tantra.plugin.mamba;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.PlannedWeights;
import org.tantra.nn.StateDict;

/// All weights of a network, by role: the one place that knows their names and shapes.
///
/// @param embedding `[vocab, hidden]`
/// @param head `[vocab, hidden]`, perhaps the embedding
/// @param headBias `[vocab]`
record MambaWeights(
    TensorView embedding,
    List<Layer> layers,
    Norm finalNorm,
    TensorView head,
    @Nullable TensorView headBias) {

  /// A norm: RMS norm if it has no bias, layer norm otherwise.
  record Norm(TensorView gain, @Nullable TensorView bias) {}

  /// A linear map, `[out, in]`.
  record Map(TensorView weight, @Nullable TensorView bias) {
    /// The map to outputs `from` until `to` alone.
    Map outputs(int from, int to) {
      return new Map(rows(weight, from, to), bias == null ? null : rows(bias, from, to));
    }

    private static TensorView rows(TensorView whole, long from, long to) {
      Shape shape = whole.shape();
      long row = shape.elements() / shape.size(0);
      DType dtype = whole.dtype();
      long[] sizes = shape.toArray();
      sizes[0] = to - from;
      return new TensorView(
          dtype,
          Shape.of(sizes),
          whole.memory().asSlice(dtype.byteSize(from * row), dtype.byteSize((to - from) * row)));
    }
  }

  /// One layer.
  record Layer(Norm norm, Mixer mixer) {}

  /// What mixes tokens.
  sealed interface Mixer {}

  /// Mamba.
  record Selective(
      Map inProj,
      Map convolution,
      Map xProj,
      Map dtProj,
      TensorView aLog,
      TensorView d,
      Map outProj)
      implements Mixer {}

  /// Mamba-2.
  record Headed(
      Map inProj,
      Map convolution,
      TensorView dtBias,
      TensorView aLog,
      TensorView d,
      TensorView norm,
      Map outProj)
      implements Mixer {}

  /// Earlier Tantra.
  record GatedConv(Map inProj, Map convolution, Map outProj) implements Mixer {}

  MambaWeights {
    layers = List.copyOf(layers);
  }

  /// @throws org.tantra.api.TantraException `CORRUPT` if a weight is missing or has another shape,
  ///   `UNSUPPORTED` if its dtype has no kernels
  static MambaWeights of(MambaConfig config, StateDict weights) {
    MambaLayout layout = config.layout();
    TensorView embedding = weights.weight(layout.embedding, config.vocab(), config.hidden());
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer(config, layout.layer(i), weights));
    }
    return new MambaWeights(
        embedding,
        layers,
        norm(config, layout.finalNorm, weights),
        config.tied()
            ? embedding
            : weights.weight(layout.head + ".weight", config.vocab(), config.hidden()),
        weights.weightIfPresent(layout.head + ".bias", config.vocab()));
  }

  /// The weights of a network, with the values that the authors' modules begin with.
  static WeightPlan plan(MambaConfig config) {
    PlannedWeights planned = new PlannedWeights(DType.F32, MambaWeights::start);
    var _ = of(config, planned);
    if (config.layout() == MambaLayout.TANTRA) {
      planned.optional(config.layout().head + ".bias", config.vocab());
    } else if (config.tied()) {
      planned.ignore(config.layout().head + ".weight");
    }
    return planned.plan();
  }

  /// The value that training begins a weight of these names with.
  static WeightPlan.Start start(TensorInfo info) {
    String name = info.name();
    if (name.endsWith("A_log")) {
      return new WeightPlan.Start.LogOfIndex();
    }
    if (name.endsWith("dt_proj.bias") || name.endsWith("dt_bias")) {
      // The inverse softplus of step sizes from 0.001 to 0.1.
      return new WeightPlan.Start.Uniform(-6.907, -2.252);
    }
    if (info.shape().rank() == 1) {
      boolean gain = name.endsWith("norm.weight") || name.endsWith("norm_f.weight");
      return new WeightPlan.Start.Constant(gain || name.endsWith(".D") ? 1 : 0);
    }
    return name.contains("embed")
        ? new WeightPlan.Start.Normal(0.02)
        : PlannedWeights.spreadByInputs(info);
  }

  private static Layer layer(MambaConfig config, String layer, StateDict weights) {
    String mixer = layer + config.layout().mixer;
    return new Layer(
        norm(config, layer + "norm", weights),
        switch (config.mixer()) {
          case MixerConfig.Selective sizes ->
              selective(
                  weights, mixer, config.hidden(), sizes, config.bias(), config.convolutionBias());
          case MixerConfig.Headed sizes -> headed(config, sizes, mixer, weights);
          case MixerConfig.GatedConv sizes -> gatedConv(config, sizes, mixer, weights);
        });
  }

  /// The weights of one selective mixer.
  ///
  /// @param at what stands before their names
  static Selective selective(
      StateDict weights,
      String at,
      int hidden,
      MixerConfig.Selective sizes,
      boolean bias,
      boolean convolutionBias) {
    int inner = sizes.inner();
    return new Selective(
        map(weights, bias, at + "in_proj", 2L * inner, hidden),
        map(weights, convolutionBias, at + "conv1d", inner, 1, sizes.kernel()),
        map(weights, false, at + "x_proj", sizes.rank() + 2L * sizes.state(), inner),
        map(weights, true, at + "dt_proj", inner, sizes.rank()),
        weights.numbers(at + "A_log", inner, sizes.state()),
        weights.weight(at + "D", inner),
        map(weights, bias, at + "out_proj", hidden, inner));
  }

  private static Mixer headed(
      MambaConfig config, MixerConfig.Headed sizes, String mixer, StateDict weights) {
    int inner = sizes.inner();
    return new Headed(
        map(
            weights,
            config.bias(),
            mixer + "in_proj",
            inner + sizes.convolved() + sizes.heads(),
            config.hidden()),
        map(
            weights,
            config.convolutionBias(),
            mixer + "conv1d",
            sizes.convolved(),
            1,
            sizes.kernel()),
        weights.weight(mixer + "dt_bias", sizes.heads()),
        weights.numbers(mixer + "A_log", sizes.heads()),
        weights.weight(mixer + "D", sizes.heads()),
        weights.weight(mixer + "norm.weight", inner),
        map(weights, config.bias(), mixer + "out_proj", config.hidden(), inner));
  }

  private static Mixer gatedConv(
      MambaConfig config, MixerConfig.GatedConv sizes, String mixer, StateDict weights) {
    int hidden = config.hidden();
    return new GatedConv(
        map(weights, config.bias(), mixer + "in_proj", 2L * hidden, hidden),
        map(weights, config.convolutionBias(), mixer + "dwconv", hidden, 1, sizes.kernel()),
        map(weights, config.bias(), mixer + "out_proj", hidden, hidden));
  }

  private static Norm norm(MambaConfig config, String name, StateDict weights) {
    return new Norm(
        weights.weight(name + ".weight", config.hidden()),
        config.layerNorm() ? weights.weight(name + ".bias", config.hidden()) : null);
  }

  static Map map(StateDict weights, boolean bias, String name, long... shape) {
    return new Map(
        weights.weight(name + ".weight", shape),
        bias ? weights.weight(name + ".bias", shape[0]) : null);
  }
}
