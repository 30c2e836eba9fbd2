package org.tantra.nn.gpt;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.tantra.nn.Activation;
import org.tantra.nn.Attention;
import org.tantra.nn.Embedding;
import org.tantra.nn.LayerNorm;
import org.tantra.nn.Linear;
import org.tantra.nn.Linears;
import org.tantra.nn.Trace;
import org.tantra.nn.text.BlockSession;
import org.tantra.nn.text.JointSteps;
import org.tantra.nn.text.LanguageModel;
import org.tantra.nn.text.Session;

/// GPT-2's network: token and position embedding, blocks of attention and MLP with the norms before
/// them, a last norm and the head.
///
/// @see <a href="https://github.com/openai/gpt-2">Radford et al. 2019, section 2.3</a>
public final class GptNetwork implements LanguageModel {
  /// Tokens computed together: enough that weights are read seldom, few enough that the buffers of
  /// the largest GPT-2 stay below 20 MB and cancellation is noticed soon.
  private static final int PREFILL_BLOCK = 256;

  private final GptConfig config;
  private final Embedding tokens;
  private final Embedding positions;
  private final List<Block> blocks = new ArrayList<>();
  private final LayerNorm finalNorm;
  private final Linear head;
  private final Attention attention;
  private final Supplier<Projector> projectors;
  private final JointSteps<GptRow> steps;

  /// One layer, ready to compute.
  record Block(
      LayerNorm norm1,
      Linear attention,
      float scale,
      Linear projection,
      LayerNorm norm2,
      Linear up,
      Linear down) {}

  /// @param projectors makes one for each row of tokens
  /// @param linears makes the maps, in the form that was asked for
  public GptNetwork(
      GptConfig config, GptWeights weights, Supplier<Projector> projectors, Linears linears) {
    this.projectors = projectors;
    this.config = config;
    this.tokens = new Embedding(weights.tokens());
    this.positions = new Embedding(weights.positions());
    for (GptWeights.Block block : weights.blocks()) {
      blocks.add(
          new Block(
              norm(block.norm1()),
              map(block.attention(), linears),
              config.scale(blocks.size()),
              map(block.projection(), linears),
              norm(block.norm2()),
              map(block.up(), linears),
              map(block.down(), linears)));
    }
    this.finalNorm = norm(weights.finalNorm());
    this.head =
        config.tiedHead()
            ? linears.sharedRows(weights.head(), null)
            : linears.rows(weights.head(), null);
    this.attention =
        new Attention(config.heads(), config.heads(), config.headDim(), linears.compute());
    this.steps =
        new JointSteps<>(new GptPass(this, Trace.NONE)::step, config.vocab(), linears.compute());
  }

  private LayerNorm norm(GptWeights.Norm norm) {
    return new LayerNorm(norm.gain(), norm.bias(), config.epsilon());
  }

  private static Linear map(GptWeights.Map map, Linears linears) {
    return map.rows()
        ? linears.rows(map.weight(), map.bias())
        : linears.columns(map.weight(), map.bias());
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
    GptRow row = new GptRow(this, projectors.get(), Trace.NONE);
    return new BlockSession<>(this, row, PREFILL_BLOCK, steps);
  }

  /// A session over a row that somebody looks into, and that goes alone.
  public Session begin(GptRow row) {
    return new BlockSession<>(this, row, PREFILL_BLOCK);
  }

  public GptConfig config() {
    return config;
  }

  List<Block> blocks() {
    return blocks;
  }

  Activation activation() {
    return config.activation();
  }

  Attention attention() {
    return attention;
  }

  LayerNorm finalNorm() {
    return finalNorm;
  }

  Linear head() {
    return head;
  }

  /// Writes token plus position embedding to `x`.
  void embed(float[] x, int at, int token, int position) {
    tokens.addTo(x, at, token);
    positions.addTo(x, at, position);
  }

  /// Bytes held beside the weights: copies of norms and biases.
  public long ownBytes() {
    long bytes = finalNorm.ownBytes() + head.ownBytes();
    for (Block block : blocks) {
      bytes += block.norm1().ownBytes() + block.attention().ownBytes();
      bytes += block.projection().ownBytes() + block.norm2().ownBytes();
      bytes += block.up().ownBytes() + block.down().ownBytes();
    }
    return bytes;
  }
}
