package org.tantra.nn.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.TensorView;

/// Products of a few tokens with rows, such as those of sequences that are decoded together: two
/// rows at a time are widened where the CPU has them next to it, and multiplied with four tokens at
/// once. Packing, as [VectorRowTiles] does, would cost more than it saves.
///
/// A token's numbers are those of [VectorRows], bit for bit.
final class VectorRowBatch {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();
  private static final int PAIR = 2 * L;

  /// Tokens that share the loads of two rows.
  private static final int TILE = 4;

  // Lanes whose number has this bit.
  private static final VectorMask<Float> BIT_0 = lanesWith(1);
  private static final VectorMask<Float> BIT_1 = lanesWith(2);
  private static final VectorMask<Float> BIT_2 = lanesWith(4);

  private final int columns;
  private final int pairs;
  private final int bound;
  private final float[] first;
  private final float[] second;

  /// Of each token, that of the first row and that of the second: vectors of partial sums, then
  /// their totals.
  private final float[] sums = new float[2 * TILE * L];

  private VectorRowBatch(int columns) {
    this.columns = columns;
    this.pairs = columns - columns % PAIR;
    this.bound = F32.loopBound(columns);
    this.first = new float[columns];
    this.second = new float[columns];
  }

  private static VectorMask<Float> lanesWith(int bit) {
    boolean[] lanes = new boolean[L];
    for (int lane = 0; lane < L; lane++) {
      lanes[lane] = (lane & bit) != 0;
    }
    return VectorMask.fromArray(F32, lanes, 0);
  }

  /// As [Kernels#rowProducts].
  static void rows(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    VectorRowBatch batch = new VectorRowBatch(Math.toIntExact(w.shape().size(1)));
    for (int r = from; r < to; r += 2) {
      VectorWidening.row(w, r, 0, batch.columns, batch.first);
      if (r + 1 < to) {
        VectorWidening.row(w, r + 1, 0, batch.columns, batch.second);
      }
      batch.multiply(out, outStride, x, tokens, r, r + 1 < to);
    }
  }

  private void multiply(float[] out, int outStride, float[] x, int tokens, int row, boolean both) {
    for (int t = 0; t < tokens; t += TILE) {
      int count = Math.min(TILE, tokens - t);
      if (count == TILE) {
        four(first, second, x, t * columns, columns, pairs, bound, sums);
        sumUp(sums);
      } else {
        for (int k = 0; k < count; k++) {
          one(first, second, x, (t + k) * columns, pairs, bound, sums, 2 * k);
        }
      }
      for (int k = 0; k < count; k++) {
        int xAt = (t + k) * columns;
        int at = (t + k) * outStride + row;
        out[at] += sums[2 * k] + tail(first, x, xAt);
        if (both) {
          out[at + 1] += sums[2 * k + 1] + tail(second, x, xAt);
        }
      }
    }
  }

  private float tail(float[] row, float[] x, int xAt) {
    float tail = 0;
    for (int c = bound; c < columns; c++) {
      tail = Math.fma(x[xAt + c], row[c], tail);
    }
    return tail;
  }

  private static void one(
      float[] first,
      float[] second,
      float[] x,
      int at,
      int pairs,
      int bound,
      float[] sums,
      int to) {
    FloatVector e = FloatVector.zero(F32);
    FloatVector o = FloatVector.zero(F32);
    FloatVector f = FloatVector.zero(F32);
    FloatVector p = FloatVector.zero(F32);
    for (int c = 0; c < pairs; c += PAIR) {
      FloatVector v = load(x, at + c);
      e = load(first, c).fma(v, e);
      f = load(second, c).fma(v, f);
      v = load(x, at + c + L);
      o = load(first, c + L).fma(v, o);
      p = load(second, c + L).fma(v, p);
    }
    if (pairs < bound) {
      FloatVector v = load(x, at + pairs);
      e = load(first, pairs).fma(v, e);
      f = load(second, pairs).fma(v, f);
    }
    sums[to] = VectorKernels.sum(e.add(o));
    sums[to + 1] = VectorKernels.sum(f.add(p));
  }

  private static void four(
      float[] first,
      float[] second,
      float[] x,
      int at,
      int stride,
      int pairs,
      int bound,
      float[] sums) {
    FloatVector e0 = FloatVector.zero(F32);
    FloatVector e1 = FloatVector.zero(F32);
    FloatVector e2 = FloatVector.zero(F32);
    FloatVector e3 = FloatVector.zero(F32);
    FloatVector o0 = FloatVector.zero(F32);
    FloatVector o1 = FloatVector.zero(F32);
    FloatVector o2 = FloatVector.zero(F32);
    FloatVector o3 = FloatVector.zero(F32);
    FloatVector f0 = FloatVector.zero(F32);
    FloatVector f1 = FloatVector.zero(F32);
    FloatVector f2 = FloatVector.zero(F32);
    FloatVector f3 = FloatVector.zero(F32);
    FloatVector p0 = FloatVector.zero(F32);
    FloatVector p1 = FloatVector.zero(F32);
    FloatVector p2 = FloatVector.zero(F32);
    FloatVector p3 = FloatVector.zero(F32);
    int x1 = at + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    for (int c = 0; c < pairs; c += PAIR) {
      FloatVector a = load(first, c);
      FloatVector b = load(second, c);
      FloatVector v = load(x, at + c);
      e0 = a.fma(v, e0);
      f0 = b.fma(v, f0);
      v = load(x, x1 + c);
      e1 = a.fma(v, e1);
      f1 = b.fma(v, f1);
      v = load(x, x2 + c);
      e2 = a.fma(v, e2);
      f2 = b.fma(v, f2);
      v = load(x, x3 + c);
      e3 = a.fma(v, e3);
      f3 = b.fma(v, f3);
      a = load(first, c + L);
      b = load(second, c + L);
      v = load(x, at + c + L);
      o0 = a.fma(v, o0);
      p0 = b.fma(v, p0);
      v = load(x, x1 + c + L);
      o1 = a.fma(v, o1);
      p1 = b.fma(v, p1);
      v = load(x, x2 + c + L);
      o2 = a.fma(v, o2);
      p2 = b.fma(v, p2);
      v = load(x, x3 + c + L);
      o3 = a.fma(v, o3);
      p3 = b.fma(v, p3);
    }
    if (pairs < bound) {
      FloatVector a = load(first, pairs);
      FloatVector b = load(second, pairs);
      FloatVector v = load(x, at + pairs);
      e0 = a.fma(v, e0);
      f0 = b.fma(v, f0);
      v = load(x, x1 + pairs);
      e1 = a.fma(v, e1);
      f1 = b.fma(v, f1);
      v = load(x, x2 + pairs);
      e2 = a.fma(v, e2);
      f2 = b.fma(v, f2);
      v = load(x, x3 + pairs);
      e3 = a.fma(v, e3);
      f3 = b.fma(v, f3);
    }
    e0.add(o0).intoArray(sums, 0);
    f0.add(p0).intoArray(sums, L);
    e1.add(o1).intoArray(sums, 2 * L);
    f1.add(p1).intoArray(sums, 3 * L);
    e2.add(o2).intoArray(sums, 4 * L);
    f2.add(p2).intoArray(sums, 5 * L);
    e3.add(o3).intoArray(sums, 6 * L);
    f3.add(p3).intoArray(sums, 7 * L);
  }

  /// Adds up the lanes of each of eight vectors, by the tree of [VectorKernels#sum], but for all of
  /// them at once: their partial sums lie in different lanes. In a method of its own, since with
  /// the loop above it is more than the compiler keeps in registers.
  ///
  /// @param sums eight vectors; then eight numbers at the front
  private static void sumUp(float[] sums) {
    if (L < 8) {
      for (int i = 0; i < 2 * TILE; i++) {
        sums[i] = VectorKernels.sum(load(sums, i * L));
      }
      return;
    }
    FloatVector s0 = join1(load(sums, 0), load(sums, L));
    FloatVector s1 = join1(load(sums, 2 * L), load(sums, 3 * L));
    FloatVector s2 = join1(load(sums, 4 * L), load(sums, 5 * L));
    FloatVector s3 = join1(load(sums, 6 * L), load(sums, 7 * L));
    FloatVector all = join4(join2(s0, s1), join2(s2, s3));
    if (L > 8) {
      all = all.add(all.rearrange(VectorKernels.SWAP_8));
    }
    all.intoArray(sums, 0);
  }

  private static FloatVector join1(FloatVector a, FloatVector b) {
    return a.blend(b, BIT_0).add(b.blend(a, BIT_0).rearrange(VectorKernels.SWAP_1));
  }

  private static FloatVector join2(FloatVector a, FloatVector b) {
    return a.blend(b, BIT_1).add(b.blend(a, BIT_1).rearrange(VectorKernels.SWAP_2));
  }

  private static FloatVector join4(FloatVector a, FloatVector b) {
    return a.blend(b, BIT_2).add(b.blend(a, BIT_2).rearrange(VectorKernels.SWAP_4));
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(F32, from, at);
  }
}
