package org.tantra.nn.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// Products of several tokens with columns: outer products of a few tokens with two vectors of
/// columns, whose sums stay in registers while the rows go by, in the order of the rows.
final class VectorColumnTiles {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();

  /// Tokens of a tile. With two vectors of columns that makes sums for half the registers there
  /// are, 32 of 512 bits, otherwise 16.
  private static final int TILE = L >= 16 ? 8 : 4;

  /// Columns of a panel.
  private static final int PANEL = 2 * L;

  private VectorColumnTiles() {}

  /// As [Kernels#columnProducts].
  static void columns(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int rows = Math.toIntExact(w.shape().size(0));
    int[] places = new int[rows];
    Arrays.setAll(places, i -> i);
    float[] packed = VectorPacking.tiles(x, tokens, places, TILE, rows);
    float[] row = new float[PANEL];
    float[] panel = new float[rows * PANEL];
    float[] sums = new float[TILE * PANEL];
    for (int first = from; first < to; first += PANEL) {
      int width = Math.min(PANEL, to - first);
      if (width == PANEL && w.dtype() == DType.F32) {
        pack(w, first, panel);
      } else {
        for (int i = 0; i < rows; i++) {
          VectorWidening.row(w, i, first, first + width, row);
          System.arraycopy(row, 0, panel, i * PANEL, width);
        }
      }
      for (int t = 0; t < tokens; t += TILE) {
        int count = Math.min(TILE, tokens - t);
        for (int k = 0; k < count; k++) {
          System.arraycopy(out, (t + k) * outStride + first, sums, k * PANEL, width);
        }
        if (TILE == 8) {
          eight(sums, panel, packed, t * rows, rows);
        } else {
          four(sums, panel, packed, t * rows, rows);
        }
        for (int k = 0; k < count; k++) {
          System.arraycopy(sums, k * PANEL, out, (t + k) * outStride + first, width);
        }
      }
    }
  }

  /// A whole panel of F32, two vectors a row.
  private static void pack(TensorView w, int first, float[] panel) {
    long width = w.shape().size(1);
    for (int at = 0; at < panel.length; at += PANEL) {
      long from = (at / PANEL * width + first) * 4;
      VectorKernels.f32(w.memory(), from).intoArray(panel, at);
      VectorKernels.f32(w.memory(), from + L * 4L).intoArray(panel, at + L);
    }
  }

  /// Adds the products of eight tokens.
  private static void eight(float[] sums, float[] panel, float[] x, int xAt, int rows) {
    FloatVector a0 = load(sums, 0);
    FloatVector b0 = load(sums, L);
    FloatVector a1 = load(sums, 2 * L);
    FloatVector b1 = load(sums, 3 * L);
    FloatVector a2 = load(sums, 4 * L);
    FloatVector b2 = load(sums, 5 * L);
    FloatVector a3 = load(sums, 6 * L);
    FloatVector b3 = load(sums, 7 * L);
    FloatVector a4 = load(sums, 8 * L);
    FloatVector b4 = load(sums, 9 * L);
    FloatVector a5 = load(sums, 10 * L);
    FloatVector b5 = load(sums, 11 * L);
    FloatVector a6 = load(sums, 12 * L);
    FloatVector b6 = load(sums, 13 * L);
    FloatVector a7 = load(sums, 14 * L);
    FloatVector b7 = load(sums, 15 * L);
    for (int i = 0; i < rows; i++) {
      FloatVector p = load(panel, i * PANEL);
      FloatVector q = load(panel, i * PANEL + L);
      int c = xAt + i * 8;
      FloatVector v = FloatVector.broadcast(F32, x[c]);
      a0 = p.fma(v, a0);
      b0 = q.fma(v, b0);
      v = FloatVector.broadcast(F32, x[c + 1]);
      a1 = p.fma(v, a1);
      b1 = q.fma(v, b1);
      v = FloatVector.broadcast(F32, x[c + 2]);
      a2 = p.fma(v, a2);
      b2 = q.fma(v, b2);
      v = FloatVector.broadcast(F32, x[c + 3]);
      a3 = p.fma(v, a3);
      b3 = q.fma(v, b3);
      v = FloatVector.broadcast(F32, x[c + 4]);
      a4 = p.fma(v, a4);
      b4 = q.fma(v, b4);
      v = FloatVector.broadcast(F32, x[c + 5]);
      a5 = p.fma(v, a5);
      b5 = q.fma(v, b5);
      v = FloatVector.broadcast(F32, x[c + 6]);
      a6 = p.fma(v, a6);
      b6 = q.fma(v, b6);
      v = FloatVector.broadcast(F32, x[c + 7]);
      a7 = p.fma(v, a7);
      b7 = q.fma(v, b7);
    }
    a0.intoArray(sums, 0);
    b0.intoArray(sums, L);
    a1.intoArray(sums, 2 * L);
    b1.intoArray(sums, 3 * L);
    a2.intoArray(sums, 4 * L);
    b2.intoArray(sums, 5 * L);
    a3.intoArray(sums, 6 * L);
    b3.intoArray(sums, 7 * L);
    a4.intoArray(sums, 8 * L);
    b4.intoArray(sums, 9 * L);
    a5.intoArray(sums, 10 * L);
    b5.intoArray(sums, 11 * L);
    a6.intoArray(sums, 12 * L);
    b6.intoArray(sums, 13 * L);
    a7.intoArray(sums, 14 * L);
    b7.intoArray(sums, 15 * L);
  }

  /// As [#eight], for four tokens and CPUs with fewer registers.
  private static void four(float[] sums, float[] panel, float[] x, int xAt, int rows) {
    FloatVector a0 = load(sums, 0);
    FloatVector b0 = load(sums, L);
    FloatVector a1 = load(sums, 2 * L);
    FloatVector b1 = load(sums, 3 * L);
    FloatVector a2 = load(sums, 4 * L);
    FloatVector b2 = load(sums, 5 * L);
    FloatVector a3 = load(sums, 6 * L);
    FloatVector b3 = load(sums, 7 * L);
    for (int i = 0; i < rows; i++) {
      FloatVector p = load(panel, i * PANEL);
      FloatVector q = load(panel, i * PANEL + L);
      int c = xAt + i * 4;
      FloatVector v = FloatVector.broadcast(F32, x[c]);
      a0 = p.fma(v, a0);
      b0 = q.fma(v, b0);
      v = FloatVector.broadcast(F32, x[c + 1]);
      a1 = p.fma(v, a1);
      b1 = q.fma(v, b1);
      v = FloatVector.broadcast(F32, x[c + 2]);
      a2 = p.fma(v, a2);
      b2 = q.fma(v, b2);
      v = FloatVector.broadcast(F32, x[c + 3]);
      a3 = p.fma(v, a3);
      b3 = q.fma(v, b3);
    }
    a0.intoArray(sums, 0);
    b0.intoArray(sums, L);
    a1.intoArray(sums, 2 * L);
    b1.intoArray(sums, 3 * L);
    a2.intoArray(sums, 4 * L);
    b2.intoArray(sums, 5 * L);
    a3.intoArray(sums, 6 * L);
    b3.intoArray(sums, 7 * L);
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(F32, from, at);
  }
}
