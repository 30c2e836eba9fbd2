package org.tantra.nn.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Lays rows side by side, so that products of several tokens read them in one stream.
final class VectorPacking {
  private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;
  private static final VectorShuffle<Float> SWAP_1 = VectorShuffle.fromValues(FOUR, 1, 0, 3, 2);
  private static final VectorShuffle<Float> SWAP_2 = VectorShuffle.fromValues(FOUR, 2, 3, 0, 1);
  private static final VectorMask<Float> ODD = VectorMask.fromLong(FOUR, 0b1010);
  private static final VectorMask<Float> UPPER = VectorMask.fromLong(FOUR, 0b1100);

  private VectorPacking() {}

  /// `to[places[i]][r] = from[r][i]`, squares of four by four at a time.
  ///
  /// @param stride elements from one row to the next
  /// @param places where each element of a row goes, as many as a row has
  /// @param rows a multiple of four; the width of what is written
  static void interleave(
      float[] from, int fromAt, int stride, int[] places, int rows, float[] to, int toAt) {
    int squares = places.length / 4 * 4;
    for (int i = 0; i < squares; i += 4) {
      int p0 = toAt + places[i] * rows;
      int p1 = toAt + places[i + 1] * rows;
      int p2 = toAt + places[i + 2] * rows;
      int p3 = toAt + places[i + 3] * rows;
      for (int r = 0; r < rows; r += 4) {
        int at = fromAt + r * stride + i;
        FloatVector a = FloatVector.fromArray(FOUR, from, at);
        FloatVector b = FloatVector.fromArray(FOUR, from, at + stride);
        FloatVector c = FloatVector.fromArray(FOUR, from, at + 2 * stride);
        FloatVector d = FloatVector.fromArray(FOUR, from, at + 3 * stride);
        FloatVector ab = a.blend(b.rearrange(SWAP_1), ODD);
        FloatVector ba = a.rearrange(SWAP_1).blend(b, ODD);
        FloatVector cd = c.blend(d.rearrange(SWAP_1), ODD);
        FloatVector dc = c.rearrange(SWAP_1).blend(d, ODD);
        ab.blend(cd.rearrange(SWAP_2), UPPER).intoArray(to, p0 + r);
        ba.blend(dc.rearrange(SWAP_2), UPPER).intoArray(to, p1 + r);
        ab.rearrange(SWAP_2).blend(cd, UPPER).intoArray(to, p2 + r);
        ba.rearrange(SWAP_2).blend(dc, UPPER).intoArray(to, p3 + r);
      }
    }
    for (int i = squares; i < places.length; i++) {
      for (int r = 0; r < rows; r++) {
        to[toAt + places[i] * rows + r] = from[fromAt + r * stride + i];
      }
    }
  }

  /// Tokens as `[tile][place][token]`; the last tile is filled up with zeros.
  ///
  /// @param x `[tokens, inputs]`
  /// @param tile tokens of a tile, a multiple of four
  /// @param room places of a tile
  static float[] tiles(float[] x, int tokens, int[] places, int tile, int room) {
    int inputs = places.length;
    float[] packed = new float[Math.ceilDiv(tokens, tile) * tile * room];
    int whole = tokens / tile * tile;
    for (int t = 0; t < whole; t += tile) {
      interleave(x, t * inputs, inputs, places, tile, packed, t * room);
    }
    for (int t = whole; t < tokens; t++) {
      for (int i = 0; i < inputs; i++) {
        packed[whole * room + places[i] * tile + t - whole] = x[t * inputs + i];
      }
    }
    return packed;
  }
}
