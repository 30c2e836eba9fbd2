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
import org.tantra.nn.Workspace;
import org.tantra.nn.text.LanguageModel;

/// Embedding, layers `x + mixer(norm(x))`, a last norm, and the head.
final class MambaNetwork implements LanguageModel {
  private final MambaConfig config;
  private final int hidden;
  private final int contextTokens;
  private final Embedding embedding;
  private final List<Layer> layers;
  private final Norm finalNorm;
  private final Linear head;

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
  public MambaSession begin() {
    return new MambaSession(this, (_, _, _) -> {});
  }

  /// The state of a row without tokens, one per layer.
  List<Mixer.State> beginRow() {
    return layers.stream().map(layer -> layer.mixer().begin()).toList();
  }

  /// Takes in the next tokens of a row: `x` becomes the input of the head.
  ///
  /// @param ids `count` of them, from `at` on
  /// @param row states of the row, moved on
  /// @param trace sees the residual stream
  /// @return `[count, hidden]`, an array of the workspace
  float[] forward(
      int[] ids,
      int at,
      int count,
      List<Mixer.State> row,
      Workspace work,
      Cancellation cancellation,
      Trace trace) {
    float[] x = work.floats(MambaSession.X, count * hidden);
    float[] y = work.floats(MambaSession.Y, count * hidden);
    Arrays.fill(x, 0, count * hidden, 0);
    for (int t = 0; t < count; t++) {
      embedding.addTo(x, t * hidden, ids[at + t]);
    }
    trace.see("hidden.embed", x, count * hidden);
    for (int i = 0; i < layers.size(); i++) {
      cancellation.check();
      Layer layer = layers.get(i);
      float[] normed = work.floats(MambaSession.NORMED, count * hidden);
      layer.norm().apply(normed, x, count);
      layer.mixer().apply(y, normed, count, row.get(i), work);
      for (int j = 0; j < count * hidden; j++) {
        x[j] += y[j];
      }
      trace.see("hidden.layer." + i, x, count * hidden);
    }
    finalNorm.apply(x, x, count);
    trace.see("hidden.final_norm", x, count * hidden);
    return x;
  }

  /// Scores of the token after each of `count` rows of `x`.
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

  /// Looks at what flows between the layers; for parity checks.
  @FunctionalInterface
  interface Trace {
    /// @param place as golden cases name it
    /// @param x `[tokens, hidden]` in its first `length` elements; valid during the call only
    void see(String place, float[] x, int length);
  }
}
