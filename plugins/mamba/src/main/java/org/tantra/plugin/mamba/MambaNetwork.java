package org.tantra.plugin.mamba;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.nn.Embedding;
import org.tantra.nn.LayerNorm;
import org.tantra.nn.Linear;
import org.tantra.nn.Linears;
import org.tantra.nn.RmsNorm;
import org.tantra.nn.Trace;
import org.tantra.nn.Workspace;
import org.tantra.nn.text.BlockSession;
import org.tantra.nn.text.JointSteps;
import org.tantra.nn.text.LanguageModel;
import org.tantra.nn.text.Session;

/// Embedding, layers `x + mixer(norm(x))`, a last norm, and the head.
final class MambaNetwork implements LanguageModel {
  /// Tokens computed together: enough to read each weight once for many of them, few enough that
  /// activations stay in the cache.
  private static final int PREFILL_BLOCK = 64;

  // Slots of the workspace; the mixers use those below.
  private static final int X = 8;
  private static final int Y = 9;
  private static final int NORMED = 10;

  private final MambaConfig config;
  private final int hidden;
  private final int contextTokens;
  private final Embedding embedding;
  private final List<Layer> layers;
  private final Norm finalNorm;
  private final Linear head;
  private final JointSteps<MambaRow> steps;

  private record Layer(Norm norm, Mixer mixer) {}

  private sealed interface Norm {
    record Rms(RmsNorm norm) implements Norm {}

    record Centred(LayerNorm norm) implements Norm {}

    default void apply(float[] y, float[] x, int tokens) {
      switch (this) {
        case Rms(RmsNorm norm) -> norm.apply(y, x, tokens);
        case Centred(LayerNorm norm) -> norm.apply(y, x, tokens);
      }
    }

    default long ownBytes() {
      return switch (this) {
        case Rms(RmsNorm norm) -> norm.ownBytes();
        case Centred(LayerNorm norm) -> norm.ownBytes();
      };
    }
  }

  /// @param contextTokens most tokens of a row; the network itself has no limit
  MambaNetwork(MambaConfig config, MambaWeights weights, int contextTokens, Linears linears) {
    this.config = config;
    this.hidden = config.hidden();
    this.contextTokens = contextTokens;
    this.embedding = new Embedding(weights.embedding());
    List<Layer> built = new ArrayList<>();
    for (MambaWeights.Layer layer : weights.layers()) {
      built.add(
          new Layer(norm(config, layer.norm()), Mixer.of(config.mixer(), layer.mixer(), linears)));
    }
    this.layers = List.copyOf(built);
    this.finalNorm = norm(config, weights.finalNorm());
    this.head =
        config.tied()
            ? linears.sharedRows(weights.head(), weights.headBias())
            : linears.rows(weights.head(), weights.headBias());
    Workspace work = new Workspace();
    this.steps =
        new JointSteps<>(
            (rows, ids, _, logits) -> step(rows, ids, logits, work),
            config.vocab(),
            linears.compute());
  }

  private static Norm norm(MambaConfig config, MambaWeights.Norm weights) {
    return weights.bias() == null
        ? new Norm.Rms(new RmsNorm(weights.gain(), config.epsilon()))
        : new Norm.Centred(new LayerNorm(weights.gain(), weights.bias(), config.epsilon()));
  }

  @Override
  public int contextTokens() {
    return contextTokens;
  }

  @Override
  public int vocab() {
    return config.vocab();
  }

  @Override
  public Session begin() {
    return new BlockSession<>(this, new MambaRow(this, Trace.NONE), PREFILL_BLOCK, steps);
  }

  /// A session over a row that somebody looks into, and that goes alone.
  Session begin(MambaRow row) {
    return new BlockSession<>(this, row, PREFILL_BLOCK);
  }

  /// The state of a row without tokens, one per layer.
  List<Mixer.State> beginStates() {
    return layers.stream().map(layer -> layer.mixer().begin()).toList();
  }

  /// Takes one more token of each row.
  ///
  /// @param logits `[rows, vocab]`, overwritten
  void step(List<MambaRow> rows, int[] ids, float[] logits, Workspace work) {
    float[] x = forward(rows, ids, 0, 1, work, Cancellation.NEVER, Trace.NONE);
    head(logits, x, rows.size());
  }

  /// Takes in the next tokens of several rows, as many of each: `x` becomes the input of the head.
  ///
  /// @param ids `[rows, tokens]` from `at` on
  /// @param tokens of each row
  /// @param trace sees the residual stream
  /// @return `[rows, tokens, hidden]`, an array of the workspace
  float[] forward(
      List<MambaRow> rows,
      int[] ids,
      int at,
      int tokens,
      Workspace work,
      Cancellation cancellation,
      Trace trace) {
    int count = rows.size() * tokens;
    float[] x = work.floats(X, count * hidden);
    float[] y = work.floats(Y, count * hidden);
    float[] normed = work.floats(NORMED, count * hidden);
    Arrays.fill(x, 0, count * hidden, 0);
    for (int t = 0; t < count; t++) {
      embedding.addTo(x, t * hidden, ids[at + t]);
    }
    trace.see("hidden.embed", x, count * hidden);
    for (int i = 0; i < layers.size(); i++) {
      cancellation.check();
      int index = i;
      Layer layer = layers.get(i);
      layer.norm().apply(normed, x, count);
      List<Mixer.State> states = rows.stream().map(row -> row.states().get(index)).toList();
      layer.mixer().apply(y, normed, tokens, states, work);
      for (int j = 0; j < count * hidden; j++) {
        x[j] += y[j];
      }
      trace.see("hidden.layer." + i, x, count * hidden);
    }
    finalNorm.apply(x, x, count);
    trace.see("hidden.final_norm", x, count * hidden);
    return x;
  }

  /// Scores of the token after each of `count` vectors of `x`.
  ///
  /// @param logits `[count, vocab]`, overwritten
  void head(float[] logits, float[] x, int count) {
    head.apply(logits, x, count);
  }

  MambaConfig config() {
    return config;
  }

  /// Bytes held beside the mapped weights.
  long ownBytes() {
    return layers.stream().mapToLong(l -> l.norm().ownBytes() + l.mixer().ownBytes()).sum()
        + finalNorm.ownBytes()
        + head.ownBytes();
  }
}
