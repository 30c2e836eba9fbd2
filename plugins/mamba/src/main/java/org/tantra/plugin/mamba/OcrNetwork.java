package org.tantra.plugin.mamba;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.nn.Linear;
import org.tantra.nn.Linears;
import org.tantra.nn.RmsNorm;
import org.tantra.nn.Workspace;

/// `ocr_native`: columns of a line image to scores of characters.
///
/// ```
/// columns ─ map ─┬─ norm ─┬─ mixer ───────────────────┬─ + ─ … ─ norm ─ head ─ [columns, vocab]
///                │        └─ turn ─ mixer ─ turn back ┘ │
///                └─────────────────────────────────────┘
/// ```
///
/// What a column is depends on both sides of it, so each layer mixes once in either direction.
/// Holds no state; any number of threads may read lines.
final class OcrNetwork {
  // Slots of the workspace; the mixers use those below.
  private static final int NORMED = 8;
  private static final int TURNED = 9;
  private static final int FORWARD = 10;
  private static final int BACKWARD = 11;

  /// Columns whose scores are computed together; a whole line of a large vocabulary is too much.
  private static final int HEAD_BLOCK = 16;

  private final OcrConfig config;
  private final Linear columns;
  private final List<Layer> layers;
  private final RmsNorm finalNorm;
  private final Linear head;

  private record Layer(RmsNorm norm, Mixer forward, Mixer backward) {}

  OcrNetwork(OcrConfig config, OcrWeights weights, Compute compute) {
    this.config = config;
    this.columns = linear(weights.columns(), compute);
    List<Layer> built = new ArrayList<>();
    for (OcrWeights.Layer layer : weights.layers()) {
      built.add(
          new Layer(
              new RmsNorm(layer.norm(), config.epsilon()),
              Mixer.of(config.mixer(), layer.forward(), Linears.asStored(compute)),
              Mixer.of(config.mixer(), layer.backward(), Linears.asStored(compute))));
    }
    this.layers = List.copyOf(built);
    this.finalNorm = new RmsNorm(weights.finalNorm(), config.epsilon());
    this.head = linear(weights.head(), compute);
  }

  private static Linear linear(MambaWeights.Map map, Compute compute) {
    return Linear.rows(map.weight(), map.bias(), compute);
  }

  OcrConfig config() {
    return config;
  }

  /// Receives the scores of one column after the other.
  @FunctionalInterface
  interface Reader {
    /// @param scores `[vocab]` from `at` on, valid during the call only; may be changed
    void read(float[] scores, int at);
  }

  /// Scores of every character at every column.
  ///
  /// @param pixels `[count, lineHeight · columnWidth]`, ink 1 on paper 0
  void read(float[] pixels, int count, Cancellation cancellation, Reader reader) {
    int hidden = config.hidden();
    Workspace work = new Workspace();
    float[] x = new float[count * hidden];
    columns.apply(x, pixels, count);
    float[] normed = work.floats(NORMED, count * hidden);
    float[] turned = work.floats(TURNED, count * hidden);
    float[] forward = work.floats(FORWARD, count * hidden);
    float[] backward = work.floats(BACKWARD, count * hidden);
    for (Layer layer : layers) {
      cancellation.check();
      layer.norm().apply(normed, x, count);
      mix(layer.forward(), forward, normed, count, work);
      turn(turned, normed, count, hidden);
      mix(layer.backward(), backward, turned, count, work);
      turn(turned, backward, count, hidden);
      for (int i = 0; i < count * hidden; i++) {
        x[i] += forward[i] + turned[i];
      }
    }
    finalNorm.apply(x, x, count);
    float[] block = new float[HEAD_BLOCK * hidden];
    float[] scores = new float[HEAD_BLOCK * config.vocab()];
    for (int from = 0; from < count; from += HEAD_BLOCK) {
      cancellation.check();
      int together = Math.min(HEAD_BLOCK, count - from);
      System.arraycopy(x, from * hidden, block, 0, together * hidden);
      head.apply(scores, block, together);
      for (int t = 0; t < together; t++) {
        reader.read(scores, t * config.vocab());
      }
    }
  }

  /// Mixes a whole line.
  private static void mix(Mixer mixer, float[] y, float[] x, int columns, Workspace work) {
    mixer.apply(y, x, columns, List.of(mixer.begin()), work);
  }

  /// The rows in the opposite order.
  private static void turn(float[] to, float[] from, int rows, int width) {
    for (int t = 0; t < rows; t++) {
      System.arraycopy(from, t * width, to, (rows - 1 - t) * width, width);
    }
  }

  /// Bytes held beside the mapped weights.
  long ownBytes() {
    return layers.stream()
            .mapToLong(
                layer ->
                    layer.norm().ownBytes()
                        + layer.forward().ownBytes()
                        + layer.backward().ownBytes())
            .sum()
        + columns.ownBytes()
        + finalNorm.ownBytes()
        + head.ownBytes();
  }
}
