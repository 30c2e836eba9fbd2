package org.tantra.nn.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.TensorView;

/// Products of several tokens with rows: outer products of four tokens with two vectors of rows,
/// whose sums stay in registers while the columns go by.
///
/// A token's numbers are those of [VectorRows], bit for bit. That keeps one sum for each lane of
/// the vectors at even places and one for each lane of those at odd places; so here columns are
/// packed lane by lane, each lane has its two sums, and the lanes are added up by the same tree.
final class VectorRowTiles {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();

  /// Tokens of a tile.
  private static final int TILE = 4;

  /// Rows of a panel.
  private static final int PANEL = 2 * L;

  private static final int SUMS = TILE * PANEL;

  /// Elements between rows that are packed together: without them rows of a power of two would
  /// share a few places of the cache.
  private static final int GAP = 16;

  private final int columns;

  /// Vectors of columns, the same for each lane.
  private final int vectors;

  /// Places from one lane to the next: odd, for the reason of [#GAP].
  private final int laneStride;

  private final int room;
  private final float[] panel;

  /// A stack of partial sums of one tile, as high as the tree of lanes.
  private final float[] sums = new float[(Integer.numberOfTrailingZeros(L) + 1) * SUMS];

  private VectorRowTiles(int columns) {
    this.columns = columns;
    this.vectors = columns / L;
    this.laneStride = vectors | 1;
    this.room = L * laneStride + columns % L;
    this.panel = new float[room * PANEL];
  }

  /// As [Kernels#rowProducts].
  static void rows(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    VectorRowTiles tiles = new VectorRowTiles(Math.toIntExact(w.shape().size(1)));
    tiles.multiply(out, outStride, x, tokens, w, from, to);
  }

  private void multiply(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int[] places = new int[columns];
    Arrays.setAll(places, this::place);
    float[] packed = VectorPacking.tiles(x, tokens, places, TILE, room);
    float[] row = new float[columns];
    int stride = columns + GAP;
    float[] band = new float[stride * PANEL];
    for (int first = from; first < to; first += PANEL) {
      int width = Math.min(PANEL, to - first);
      for (int r = 0; r < width; r++) {
        VectorWidening.row(w, first + r, 0, columns, row);
        System.arraycopy(row, 0, band, r * stride, columns);
      }
      VectorPacking.interleave(band, 0, stride, places, PANEL, panel, 0);
      for (int t = 0; t < tokens; t += TILE) {
        sumUp(packed, t * room);
        for (int k = 0; k < Math.min(TILE, tokens - t); k++) {
          for (int r = 0; r < width; r++) {
            out[(t + k) * outStride + first + r] += sums[k * PANEL + r];
          }
        }
      }
    }
  }

  private int place(int column) {
    int vector = column / L;
    return vector < vectors
        ? column % L * laneStride + vector
        : L * laneStride + column - vectors * L;
  }

  /// Leaves the sums of one tile at the bottom of the stack.
  private void sumUp(float[] x, int xAt) {
    int top = 0;
    for (int lane = 0; lane < L; lane++) {
      int place = lane * laneStride;
      lane(sums, top * SUMS, panel, place * PANEL, x, xAt + place * TILE, vectors);
      // The tree of VectorKernels.sum: neighbours first, then pairs of them, and so on.
      for (int done = lane + 1; done % 2 == 0; done /= 2) {
        top--;
        for (int i = top * SUMS; i < (top + 1) * SUMS; i += L) {
          load(sums, i).add(load(sums, i + SUMS)).intoArray(sums, i);
        }
      }
      top++;
    }
    if (columns % L > 0) {
      addTail(x, xAt + L * laneStride * TILE);
    }
  }

  /// Adds the sums of the last columns, which fill no vector.
  private void addTail(float[] x, int xAt) {
    for (int k = 0; k < TILE; k++) {
      for (int r = 0; r < PANEL; r++) {
        float tail = 0;
        for (int i = 0; i < columns % L; i++) {
          tail = Math.fma(x[xAt + i * TILE + k], panel[(L * laneStride + i) * PANEL + r], tail);
        }
        sums[k * PANEL + r] += tail;
      }
    }
  }

  /// Sums up the products of one lane: those of even and of odd vectors on their own, then both.
  private static void lane(
      float[] sums, int at, float[] panel, int panelAt, float[] x, int xAt, int vectors) {
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector b0 = FloatVector.zero(F32);
    FloatVector a1 = FloatVector.zero(F32);
    FloatVector b1 = FloatVector.zero(F32);
    FloatVector a2 = FloatVector.zero(F32);
    FloatVector b2 = FloatVector.zero(F32);
    FloatVector a3 = FloatVector.zero(F32);
    FloatVector b3 = FloatVector.zero(F32);
    FloatVector c0 = FloatVector.zero(F32);
    FloatVector d0 = FloatVector.zero(F32);
    FloatVector c1 = FloatVector.zero(F32);
    FloatVector d1 = FloatVector.zero(F32);
    FloatVector c2 = FloatVector.zero(F32);
    FloatVector d2 = FloatVector.zero(F32);
    FloatVector c3 = FloatVector.zero(F32);
    FloatVector d3 = FloatVector.zero(F32);
    int pairs = vectors / 2;
    for (int i = 0; i < pairs; i++) {
      int even = panelAt + i * 2 * PANEL;
      int c = xAt + i * 2 * TILE;
      FloatVector p = load(panel, even);
      FloatVector q = load(panel, even + L);
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
      p = load(panel, even + 2 * L);
      q = load(panel, even + 3 * L);
      v = FloatVector.broadcast(F32, x[c + 4]);
      c0 = p.fma(v, c0);
      d0 = q.fma(v, d0);
      v = FloatVector.broadcast(F32, x[c + 5]);
      c1 = p.fma(v, c1);
      d1 = q.fma(v, d1);
      v = FloatVector.broadcast(F32, x[c + 6]);
      c2 = p.fma(v, c2);
      d2 = q.fma(v, d2);
      v = FloatVector.broadcast(F32, x[c + 7]);
      c3 = p.fma(v, c3);
      d3 = q.fma(v, d3);
    }
    for (int i = 2 * pairs; i < vectors; i++) {
      FloatVector p = load(panel, panelAt + i * PANEL);
      FloatVector q = load(panel, panelAt + i * PANEL + L);
      int c = xAt + i * TILE;
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
    a0.add(c0).intoArray(sums, at);
    b0.add(d0).intoArray(sums, at + L);
    a1.add(c1).intoArray(sums, at + 2 * L);
    b1.add(d1).intoArray(sums, at + 3 * L);
    a2.add(c2).intoArray(sums, at + 4 * L);
    b2.add(d2).intoArray(sums, at + 5 * L);
    a3.add(c3).intoArray(sums, at + 6 * L);
    b3.add(d3).intoArray(sums, at + 7 * L);
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(F32, from, at);
  }
}
