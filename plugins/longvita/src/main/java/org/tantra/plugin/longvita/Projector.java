package org.tantra.plugin.longvita;

import org.tantra.api.Compute;
import org.tantra.nn.Activation;
import org.tantra.nn.Linear;

/// Long-VITA's way from vision to its language model: cells of 2 x 2 patches side by side, a layer
/// norm, and two maps without bias around an exact GELU.
final class Projector {
  /// Of the layer norm, whatever the tower's own is.
  private static final double EPSILON = 1e-5;

  private final int hidden;
  private final RowNorm norm;
  private final Linear first;
  private final Linear second;

  Projector(VisionConfig config, VisionWeights.Projector weights, Compute compute) {
    this.hidden = config.hidden();
    this.norm = RowNorm.of(weights.norm(), EPSILON);
    this.first = Linear.rows(weights.first().weight(), null, compute);
    this.second = Linear.rows(weights.second().weight(), null, compute);
  }

  /// Lays the four patches of each cell side by side.
  ///
  /// @param x `[1 + rows · columns, hidden]` with the class token, which is left out
  /// @return `[rows / 2 · columns / 2, 4 · hidden]`
  float[] shuffle(float[] x, int rows, int columns) {
    int cellsDown = rows / 2;
    int cellsAcross = columns / 2;
    float[] cells = new float[cellsDown * cellsAcross * 4 * hidden];
    int to = 0;
    for (int i = 0; i < cellsDown; i++) {
      for (int j = 0; j < cellsAcross; j++) {
        for (int part = 0; part < 4; part++) {
          int patch = (2 * i + part / 2) * columns + 2 * j + part % 2;
          System.arraycopy(x, (1 + patch) * hidden, cells, to, hidden);
          to += hidden;
        }
      }
    }
    return cells;
  }

  /// @param cells `[count, 4 · hidden]`, changed
  /// @return `[count, width of the language model]`
  float[] project(float[] cells) {
    int count = cells.length / (4 * hidden);
    norm.apply(cells, cells, count);
    float[] inner = new float[count * first.out()];
    first.apply(inner, cells, count);
    Activation.GELU_ERF.apply(inner, 0, inner.length);
    float[] out = new float[count * second.out()];
    second.apply(out, inner, count);
    return out;
  }
}
