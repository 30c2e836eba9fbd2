package org.tantra.plugin.spikingbrain;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tantra.nn.Attention;
import org.tantra.nn.Embedding;
import org.tantra.nn.GatedLinearAttention;
import org.tantra.nn.Linear;
import org.tantra.nn.Linears;
import org.tantra.nn.RmsNorm;
import org.tantra.nn.RotaryEmbedding;
import org.tantra.nn.Trace;
import org.tantra.nn.text.BlockSession;
import org.tantra.nn.text.JointSteps;
import org.tantra.nn.text.LanguageModel;
import org.tantra.nn.text.Session;

/// SpikingBrain-7B: layers of gated linear attention and of sliding-window attention in turn, each
/// followed by a SwiGLU MLP, with RMS norms before them.
///
/// @see <a href="https://arxiv.org/abs/2509.05276">SpikingBrain Technical Report, sections 2 and
///   3</a>
final class GlaSwaNetwork implements LanguageModel {
  /// Tokens computed together: each weight is read once for many of them, and the buffers of the
  /// published size stay near 15 MB.
  private static final int PREFILL_BLOCK = 64;

  private final GlaSwaConfig config;
  private final boolean spiking;
  private final Embedding embedding;
  private final List<Layer> layers = new ArrayList<>();
  private final RmsNorm finalNorm;
  private final Linear head;
  private final Attention attention;
  private final GatedLinearAttention linearAttention;
  private final RotaryEmbedding rotary;
  private final int[] windowLayers;
  private final JointSteps<GlaSwaRow> steps;

  /// One layer, ready to compute.
  ///
  /// @param gates null in a layer with sliding-window attention
  record Layer(
      RmsNorm mixerNorm,
      Projection queries,
      Projection keys,
      Projection values,
      @Nullable Gates gates,
      Projection output,
      RmsNorm mlpNorm,
      Projection gate,
      Projection up,
      Projection down) {
    private long ownBytes() {
      return mixerNorm.ownBytes()
          + mlpNorm.ownBytes()
          + (gates == null ? 0 : gates.ownBytes())
          + Stream.of(queries, keys, values, output, gate, up, down)
              .mapToLong(Projection::ownBytes)
              .sum();
    }
  }

  /// What makes attention linear.
  record Gates(List<Projection> maps, RmsNorm norm) {
    private long ownBytes() {
      return norm.ownBytes() + maps.stream().mapToLong(Projection::ownBytes).sum();
    }
  }

  GlaSwaNetwork(GlaSwaConfig config, GlaSwaWeights weights, Linears linears) {
    this.config = config;
    this.spiking = weights.spiking();
    this.embedding = new Embedding(weights.embedding());
    for (GlaSwaWeights.Layer layer : weights.layers()) {
      layers.add(
          new Layer(
              new RmsNorm(layer.mixerNorm(), config.epsilon()),
              Projection.of(layer.queries(), linears),
              Projection.of(layer.keys(), linears),
              Projection.of(layer.values(), linears),
              gates(layer.gates(), linears),
              Projection.of(layer.output(), linears),
              new RmsNorm(layer.mlpNorm(), config.epsilon()),
              Projection.of(layer.gate(), linears),
              Projection.of(layer.up(), linears),
              Projection.of(layer.down(), linears)));
    }
    this.finalNorm = new RmsNorm(weights.finalNorm(), config.epsilon());
    this.head = linears.rows(weights.head(), null);
    int headDim = config.headDim();
    this.attention = new Attention(config.heads(), config.kvHeads(), headDim, linears.compute());
    this.linearAttention =
        new GatedLinearAttention(
            config.heads(), config.kvHeads(), headDim, config.scale(), linears.compute());
    this.rotary = new RotaryEmbedding(headDim, config.theta());
    this.windowLayers =
        IntStream.range(0, config.layers())
            .map(layer -> (int) config.windowed().stream().filter(other -> other < layer).count())
            .toArray();
    this.steps =
        new JointSteps<>(new GlaSwaPass(this, Trace.NONE)::step, config.vocab(), linears.compute());
  }

  private @Nullable Gates gates(GlaSwaWeights.@Nullable Gates gates, Linears linears) {
    return gates == null
        ? null
        : new Gates(
            gates.maps().stream().map(map -> Projection.of(map, linears)).toList(),
            new RmsNorm(gates.norm(), config.epsilon()));
  }

  @Override
  public int contextTokens() {
    return config.context();
  }

  @Override
  public int vocab() {
    return config.vocab();
  }

  @Override
  public Session begin() {
    return new BlockSession<>(this, new GlaSwaRow(this, Trace.NONE), PREFILL_BLOCK, steps);
  }

  /// A session over a row that somebody looks into, and that goes alone.
  Session begin(GlaSwaRow row) {
    return new BlockSession<>(this, row, PREFILL_BLOCK);
  }

  GlaSwaConfig config() {
    return config;
  }

  /// Whether activations are spike-coded: the W8ASpike layout.
  boolean spiking() {
    return spiking;
  }

  Embedding embedding() {
    return embedding;
  }

  List<Layer> layers() {
    return layers;
  }

  RmsNorm finalNorm() {
    return finalNorm;
  }

  Linear head() {
    return head;
  }

  Attention attention() {
    return attention;
  }

  GatedLinearAttention linearAttention() {
    return linearAttention;
  }

  RotaryEmbedding rotary() {
    return rotary;
  }

  /// Which layer of a row's window a layer with sliding-window attention has.
  int windowLayer(int layer) {
    return windowLayers[layer];
  }

  /// Bytes held beside the weights.
  long ownBytes() {
    return layers.stream().mapToLong(Layer::ownBytes).sum()
        + finalNorm.ownBytes()
        + head.ownBytes();
  }
}
