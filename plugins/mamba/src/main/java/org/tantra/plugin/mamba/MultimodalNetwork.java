package org.tantra.plugin.mamba;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.nn.Embedding;
import org.tantra.nn.Linear;
import org.tantra.nn.Linears;
import org.tantra.nn.RmsNorm;
import org.tantra.nn.Workspace;

/// `mamba_multimodal`: text tokens, audio frames and image patches become vectors of one width, and
/// layers `x += mixer(norm1(x)); x += experts(norm2(x))` carry them on; a head for each modality.
///
/// Holds no state of a row; any number of threads may compute rows.
final class MultimodalNetwork {
  /// What a vector stands for; its row of the modality table.
  enum Kind {
    TEXT(0),
    AUDIO(1),
    VISION(2);

    private final int row;

    Kind(int row) {
      this.row = row;
    }
  }

  // Slots of the workspace; mixers and experts use those below.
  private static final int X = 8;
  private static final int NORMED = 9;
  private static final int MIXED = 10;

  private final MultimodalConfig config;
  private final Embedding text;
  private final Linear audio;
  private final Linear vision;
  private final Embedding modality;
  private final List<Layer> layers;
  private final RmsNorm finalNorm;
  private final Linear textHead;
  private final Linear audioHead;
  private final Linear visionHead;

  private record Layer(RmsNorm norm1, Mixer mixer, RmsNorm norm2, ExpertMixture experts) {}

  MultimodalNetwork(MultimodalConfig config, MultimodalWeights weights, Compute compute) {
    this.config = config;
    this.text = new Embedding(weights.text());
    this.audio = linear(weights.audio(), compute);
    this.vision = linear(weights.vision(), compute);
    this.modality = new Embedding(weights.modality());
    List<Layer> built = new ArrayList<>();
    for (MultimodalWeights.Layer layer : weights.layers()) {
      built.add(
          new Layer(
              new RmsNorm(layer.norm1(), config.epsilon()),
              Mixer.of(config.mixer(), layer.mixer(), Linears.asStored(compute)),
              new RmsNorm(layer.norm2(), config.epsilon()),
              new ExpertMixture(config, layer, compute)));
    }
    this.layers = List.copyOf(built);
    this.finalNorm = new RmsNorm(weights.finalNorm(), config.epsilon());
    this.textHead = linear(weights.textHead(), compute);
    this.audioHead = linear(weights.audioHead(), compute);
    this.visionHead = linear(weights.visionHead(), compute);
  }

  private static Linear linear(MambaWeights.Map map, Compute compute) {
    return Linear.rows(map.weight(), map.bias(), compute);
  }

  MultimodalConfig config() {
    return config;
  }

  /// What the network remembers of a row: the states of its mixers, the scratch, and how many
  /// tokens each expert got, layer by layer.
  static final class Row {
    private final List<Mixer.State> states;
    private final List<long[]> loads = new ArrayList<>();
    private final Workspace work = new Workspace();

    private Row(List<Mixer.State> states, int experts) {
      this.states = states;
      states.forEach(_ -> loads.add(new long[experts]));
    }

    /// Tokens that each expert got, all layers together.
    long[] loads() {
      long[] sum = new long[loads.getFirst().length];
      for (long[] layer : loads) {
        for (int e = 0; e < sum.length; e++) {
          sum[e] += layer[e];
        }
      }
      return sum;
    }
  }

  /// The memory of a row without tokens.
  Row begin() {
    return new Row(layers.stream().map(layer -> layer.mixer().begin()).toList(), config.experts());
  }

  /// Text tokens as vectors.
  ///
  /// @param ids `count` of them from `from` on
  /// @return `[count, hidden]`
  float[] embed(int[] ids, int from, int count) {
    float[] x = new float[count * config.hidden()];
    for (int t = 0; t < count; t++) {
      text.addTo(x, t * config.hidden(), ids[from + t]);
      modality.addTo(x, t * config.hidden(), Kind.TEXT.row);
    }
    return x;
  }

  /// Audio frames or image patches as vectors.
  ///
  /// @param features `[count, audioDim]` or `[count, visionDim]`
  /// @return `[count, hidden]`
  float[] embed(Kind kind, float[] features, int count) {
    float[] x = new float[count * config.hidden()];
    (kind == Kind.AUDIO ? audio : vision).apply(x, features, count);
    for (int t = 0; t < count; t++) {
      modality.addTo(x, t * config.hidden(), kind.row);
    }
    return x;
  }

  /// Takes one block of vectors through all layers.
  ///
  /// @param embedded `[count, hidden]`, at most as many as an expert takes
  /// @return what the heads read, `[count, hidden]`; the row's own array, valid until the next call
  float[] forward(float[] embedded, int count, Row row, Cancellation cancellation) {
    int hidden = config.hidden();
    float[] x = row.work.floats(X, count * hidden);
    float[] normed = row.work.floats(NORMED, count * hidden);
    float[] mixed = row.work.floats(MIXED, count * hidden);
    System.arraycopy(embedded, 0, x, 0, count * hidden);
    for (int i = 0; i < layers.size(); i++) {
      cancellation.check();
      Layer layer = layers.get(i);
      layer.norm1().apply(normed, x, count);
      layer.mixer().apply(mixed, normed, count, List.of(row.states.get(i)), row.work);
      for (int j = 0; j < count * hidden; j++) {
        x[j] += mixed[j];
      }
      layer.norm2().apply(normed, x, count);
      layer.experts().addTo(x, normed, count, row.loads.get(i), row.work);
    }
    finalNorm.apply(x, x, count);
    return x;
  }

  /// Scores of the text token after each vector.
  ///
  /// @param logits `[count, vocab]`, overwritten
  void textHead(float[] logits, float[] x, int count) {
    textHead.apply(logits, x, count);
  }

  /// The frame or patch after each vector, as a trainer compares it with the real one.
  ///
  /// @return `[count, audioDim]` or `[count, visionDim]`
  float[] mediaHead(Kind kind, float[] x, int count) {
    Linear head = kind == Kind.AUDIO ? audioHead : visionHead;
    float[] features = new float[count * head.out()];
    head.apply(features, Arrays.copyOf(x, count * config.hidden()), count);
    return features;
  }

  long ownBytes() {
    return layers.stream()
            .mapToLong(
                layer ->
                    layer.norm1().ownBytes()
                        + layer.mixer().ownBytes()
                        + layer.norm2().ownBytes()
                        + layer.experts().ownBytes())
            .sum()
        + finalNorm.ownBytes();
  }
}
