package org.tantra.plugin.spikingbrain;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.PlannedWeights;
import org.tantra.nn.StateDict;

/// All weights of a SpikingBrain-7B checkpoint, by role: the one place that knows their names and
/// shapes.
///
/// The plain and the W8ASpike layout differ: in the latter every linear map of the layers has
/// scales, and the gate is one map instead of two.
///
/// @param embedding `[vocab, hidden]`
/// @param head `[vocab, hidden]`, perhaps the embedding
/// @param spiking whether this is the W8ASpike layout
record GlaSwaWeights(
    TensorView embedding,
    List<Layer> layers,
    TensorView finalNorm,
    TensorView head,
    boolean spiking) {

  /// A linear map.
  ///
  /// @param weight `[out, in]`
  /// @param bias `[out]`
  /// @param scales `[out, groups, 1]` in the W8ASpike layout
  record Map(TensorView weight, @Nullable TensorView bias, @Nullable TensorView scales) {}

  /// One layer.
  ///
  /// @param gates null in a layer with sliding-window attention
  /// @param down has no scales: the reference implementation stores some, but multiplies with the
  ///   plain weight and plain activations
  record Layer(
      TensorView mixerNorm,
      Map queries,
      Map keys,
      Map values,
      @Nullable Gates gates,
      Map output,
      TensorView mlpNorm,
      Map gate,
      Map up,
      Map down) {}

  /// What gated linear attention has beside queries, keys and values.
  ///
  /// @param maps one, or two with a narrow middle, to `[kvHeads, headDim]`
  /// @param norm gain of the norm of each head, `[headDim]`
  record Gates(List<Map> maps, TensorView norm) {
    Gates {
      maps = List.copyOf(maps);
    }
  }

  GlaSwaWeights {
    layers = List.copyOf(layers);
  }

  /// @throws org.tantra.api.TantraException `CORRUPT` if a weight is missing or has another shape,
  ///   `UNSUPPORTED` if its dtype has no kernels
  static GlaSwaWeights of(GlaSwaConfig config, StateDict weights) {
    boolean spiking = weights.has("model.layers.0.mlp.gate_proj" + Reader.SCALES);
    return new Reader(config, weights, spiking).read();
  }

  /// The weights of the plain layout, with the values that training began with. The W8ASpike layout
  /// is made from trained weights and has no beginning of its own.
  static WeightPlan plan(GlaSwaConfig config, DType dtype) {
    PlannedWeights planned = new PlannedWeights(dtype, GlaSwaWeights::start);
    var _ = new Reader(config, planned, false).read();
    return planned.plan();
  }

  private static WeightPlan.Start start(TensorInfo info) {
    if (info.shape().rank() == 1) {
      return new WeightPlan.Start.Constant(info.name().endsWith("norm.weight") ? 1 : 0);
    }
    return new WeightPlan.Start.Normal(0.02); // initializer_range of the published configuration
  }

  private static final class Reader {
    private static final String SCALES = ".weight_quantizer.scales";

    private final GlaSwaConfig config;
    private final StateDict weights;
    private final boolean spiking;

    Reader(GlaSwaConfig config, StateDict weights, boolean spiking) {
      this.config = config;
      this.weights = weights;
      this.spiking = spiking;
    }

    GlaSwaWeights read() {
      int vocab = config.vocab();
      int hidden = config.hidden();
      TensorView embedding = weights.weight("model.embeddings.weight", vocab, hidden);
      List<Layer> layers = new ArrayList<>();
      for (int layer = 0; layer < config.layers(); layer++) {
        layers.add(layer("model.layers." + layer + ".", config.windowed().contains(layer)));
      }
      return new GlaSwaWeights(
          embedding,
          layers,
          weights.weight("model.norm.weight", hidden),
          config.tiedHead() ? embedding : weights.weight("lm_head.weight", vocab, hidden),
          spiking);
    }

    private Layer layer(String at, boolean windowed) {
      int hidden = config.hidden();
      int kv = config.kvWidth();
      String mixer = at + "attn.";
      String mlp = at + "mlp.";
      return new Layer(
          weights.weight(at + "attn_norm.weight", hidden),
          map(mixer + "q_proj", true, hidden, hidden),
          map(mixer + "k_proj", true, kv, hidden),
          map(mixer + "v_proj", true, kv, hidden),
          windowed ? null : gates(mixer),
          map(mixer + "o_proj", false, hidden, hidden),
          weights.weight(at + "mlp_norm.weight", hidden),
          map(mlp + "gate_proj", false, config.inner(), hidden),
          map(mlp + "up_proj", false, config.inner(), hidden),
          plain(mlp + "down_proj", false, hidden, config.inner()));
    }

    private Gates gates(String mixer) {
      String gate = mixer + "gk_proj";
      int kv = config.kvWidth();
      List<Map> maps =
          spiking
              ? List.of(map(gate, true, kv, config.hidden()))
              : List.of(
                  plain(gate + ".0", false, config.gateRank(), config.hidden()),
                  plain(gate + ".1", true, kv, config.gateRank()));
      return new Gates(maps, weights.weight(mixer + "g_norm.weight", config.headDim()));
    }

    private Map map(String name, boolean bias, int out, int in) {
      Map plain = plain(name, bias, out, in);
      return spiking ? new Map(plain.weight(), plain.bias(), scales(name, out, in)) : plain;
    }

    private Map plain(String name, boolean bias, int out, int in) {
      return new Map(
          weights.weight(name + ".weight", out, in),
          bias ? weights.weight(name + ".bias", out) : null,
          null);
    }

    private TensorView scales(String name, int out, int in) {
      int groups = weights.size(name + SCALES, 3, 1);
      // A group count that does not divide the inputs is reported as the nearest one that could.
      int expected = in % groups == 0 ? groups : Math.max(1, in / 128);
      return weights.weight(name + SCALES, out, expected, 1);
    }
  }
}
