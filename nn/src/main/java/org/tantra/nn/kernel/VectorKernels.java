package org.tantra.nn.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// The kernels with the Vector API, at the CPU's preferred width.
///
/// Lanes are summed by a fixed tree of shuffles, since `reduceLanes` may add in another order once
/// it is compiled, and equal seeds must give equal tokens from the first request on.
///
/// Products are in [VectorRows], [VectorColumns], [VectorRowBatch], [VectorRowTiles] and
/// [VectorColumnTiles]; here is which of them computes what, how weights are loaded, and what goes
/// element by element. Loops over F32 and over 16-bit weights are written out flat everywhere,
/// because the compiler keeps vectors in registers only where species and loads are constants of
/// the method.
final class VectorKernels implements Kernels {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I32 = VectorSpecies.of(int.class, F32.vectorShape());

  /// Lanes.
  private static final int L = F32.length();

  static final int BITS = F32.vectorBitSize();

  /// As many 16-bit values as `F32` has lanes; half as wide. Unused when `BITS` is 64.
  private static final VectorSpecies<Short> HALF =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, BITS / 2)));

  /// Swaps blocks of 1, 2, 4 … lanes; added up, every lane holds the sum of all.
  static final VectorShuffle<Float> SWAP_1 = swap(1);

  static final VectorShuffle<Float> SWAP_2 = swap(2);
  static final VectorShuffle<Float> SWAP_4 = swap(4);
  static final VectorShuffle<Float> SWAP_8 = swap(8);

  /// Tokens from which packing rows of weights pays, and columns, which lie as they are needed.
  private static final int ROW_TILES_FROM = 24;

  private static final int COLUMN_TILES_FROM = 4;

  /// Tokens from which widening a row once for all of them pays.
  private static final int ROW_BATCH_FROM = 4;

  /// Rows that several tokens go over one after the other, while they are in the cache.
  private static final int ROW_BAND = 16;

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F32, lane -> distance < L ? lane ^ distance : lane);
  }

  // ---- products with rows: sums run along the row, lanes are added at its end ----

  @Override
  public void rowProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int columns = Math.toIntExact(w.shape().size(1));
    boolean direct = w.dtype().blockElements() == 1 || VectorBlocks.multiplies(w.dtype());
    if (tokens >= ROW_TILES_FROM) {
      VectorRowTiles.rows(out, outStride, x, tokens, w, from, to);
    } else if (tokens >= ROW_BATCH_FROM) {
      VectorRowBatch.rows(out, outStride, x, tokens, w, from, to);
    } else if (!direct) {
      widenedRowProducts(out, outStride, x, tokens, w, from, to);
    } else {
      for (int first = from; first < to; first += ROW_BAND) {
        for (int t = 0; t < tokens; t++) {
          int last = Math.min(to, first + ROW_BAND);
          rows(out, t * outStride, x, t * columns, w, first, last);
        }
      }
    }
  }

  private static void rows(
      float[] out, int outAt, float[] x, int xAt, TensorView w, int from, int to) {
    if (VectorBlocks.multiplies(w.dtype())) {
      VectorBlocks.rows(out, outAt, x, xAt, w, from, to);
    } else {
      VectorRows.rows(out, outAt, x, xAt, w, from, to);
    }
  }

  private static void widenedRowProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int columns = Math.toIntExact(w.shape().size(1));
    float[] row = new float[columns];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment band = arena.allocate(columns * 4L, 64);
      TensorView widened = new TensorView(DType.F32, Shape.of(1, columns), band);
      for (int r = from; r < to; r++) {
        VectorWidening.row(w, r, 0, columns, row);
        MemorySegment.copy(row, 0, band, TensorView.F32, 0, columns);
        for (int t = 0; t < tokens; t++) {
          VectorRows.rows(out, t * outStride + r, x, t * columns, widened, 0, 1);
        }
      }
    }
  }

  // ---- products with columns ----

  @Override
  public void columnProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int rows = Math.toIntExact(w.shape().size(0));
    if (tokens >= COLUMN_TILES_FROM) {
      VectorColumnTiles.columns(out, outStride, x, tokens, w, from, to);
      return;
    }
    if (w.dtype().blockElements() > 1) {
      VectorColumns.panels(out, outStride, x, tokens, w, from, to);
      return;
    }
    for (int t = 0; t < tokens; t++) {
      VectorColumns.columns(out, t * outStride, x, t * rows, w, rows, from, to);
    }
  }

  @Override
  public void combine(
      float[] out, int outAt, float[] x, int xAt, TensorView w, int rows, int columns) {
    VectorColumns.columns(out, outAt, x, xAt, w, rows, 0, columns);
  }

  // ---- loads ----

  static FloatVector f32(MemorySegment memory, long byteOffset) {
    return FloatVector.fromMemorySegment(F32, memory, byteOffset, LITTLE_ENDIAN);
  }

  static FloatVector bf16(MemorySegment memory, long byteOffset) {
    return bits16(memory, byteOffset).lanewise(LSHL, 16).reinterpretAsFloats();
  }

  /// Widens by moving exponent and mantissa into place; subnormals go through an integer
  /// conversion, which unlike arithmetic on them costs nothing extra.
  static FloatVector f16(MemorySegment memory, long byteOffset) {
    IntVector bits = bits16(memory, byteOffset);
    IntVector sign = bits.and(0x8000).lanewise(LSHL, 16);
    IntVector exponent = bits.and(0x7c00);
    IntVector rebased = bits.and(0x7fff).lanewise(LSHL, 13).add(112 << 23);
    VectorMask<Integer> infinite = exponent.eq(0x7c00);
    IntVector finite = rebased.blend(rebased.add(112 << 23), infinite);
    FloatVector tiny =
        ((FloatVector) bits.and(0x3ff).convert(VectorOperators.I2F, 0)).mul(0x1p-24f);
    IntVector magnitude = finite.blend(tiny.reinterpretAsInts(), exponent.eq(0));
    return magnitude.or(sign).reinterpretAsFloats();
  }

  static float widened(MemorySegment memory, long byteOffset, boolean brain) {
    short bits = memory.get(TensorView.BITS16, byteOffset);
    return brain ? Float.intBitsToFloat(bits << 16) : Float.float16ToFloat(bits);
  }

  private static IntVector bits16(MemorySegment memory, long byteOffset) {
    return (IntVector)
        ShortVector.fromMemorySegment(HALF, memory, byteOffset, LITTLE_ENDIAN)
            .convertShape(ZERO_EXTEND_S2I, I32, 0);
  }

  static float sum(FloatVector v) {
    FloatVector sum = v.add(v.rearrange(SWAP_1));
    if (L > 2) {
      sum = sum.add(sum.rearrange(SWAP_2));
    }
    if (L > 4) {
      sum = sum.add(sum.rearrange(SWAP_4));
    }
    if (L > 8) {
      sum = sum.add(sum.rearrange(SWAP_8));
    }
    return sum.lane(0);
  }

  // ---- element by element; the tail runs through the same code in a padded vector ----

  @Override
  public void softmax(float[] x, int at, int length) {
    float highest = Float.NEGATIVE_INFINITY;
    int bound = F32.loopBound(length);
    FloatVector high = FloatVector.broadcast(F32, highest);
    for (int i = 0; i < bound; i += L) {
      high = high.max(FloatVector.fromArray(F32, x, at + i));
    }
    highest = high.reduceLanes(VectorOperators.MAX);
    for (int i = bound; i < length; i++) {
      highest = Math.max(highest, x[at + i]);
    }
    FloatVector sums = FloatVector.zero(F32);
    for (int i = 0; i < length; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, length);
      FloatVector e = exp(FloatVector.fromArray(F32, x, at + i, inside).sub(highest));
      e.intoArray(x, at + i, inside);
      sums = sums.add(e, inside);
    }
    float scale = 1 / sum(sums);
    for (int i = at; i < at + length; i++) {
      x[i] *= scale;
    }
  }

  @Override
  public void layerNorm(
      float[] out, int outAt, float[] x, int xAt, float[] gain, float[] bias, float epsilon) {
    int width = gain.length;
    FloatVector sums = FloatVector.zero(F32);
    for (int i = 0; i < width; i += L) {
      sums = sums.add(FloatVector.fromArray(F32, x, xAt + i, F32.indexInRange(i, width)));
    }
    float mean = sum(sums) / width;
    FloatVector squares = FloatVector.zero(F32);
    for (int i = 0; i < width; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, width);
      FloatVector deviation = FloatVector.fromArray(F32, x, xAt + i, inside).sub(mean, inside);
      squares = deviation.fma(deviation, squares);
    }
    float scale = (float) (1 / Math.sqrt(sum(squares) / (double) width + epsilon));
    for (int i = 0; i < width; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, width);
      FloatVector.fromArray(F32, x, xAt + i, inside)
          .sub(mean)
          .mul(scale)
          .fma(
              FloatVector.fromArray(F32, gain, i, inside),
              FloatVector.fromArray(F32, bias, i, inside))
          .intoArray(out, outAt + i, inside);
    }
  }

  @Override
  public void geluTanh(float[] x, int at, int length) {
    // 0.5 (1 + tanh(u)) = 1 / (1 + exp(-2u))
    float linear = (float) (-2 * Math.sqrt(2 / Math.PI));
    float cubic = (float) (-2 * Math.sqrt(2 / Math.PI) * 0.044715);
    for (int i = 0; i < length; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, length);
      FloatVector v = FloatVector.fromArray(F32, x, at + i, inside);
      FloatVector e =
          exp(
              v.mul(v)
                  .fma(FloatVector.broadcast(F32, cubic), FloatVector.broadcast(F32, linear))
                  .mul(v));
      v.div(e.add(1f)).intoArray(x, at + i, inside);
    }
  }

  @Override
  public void geluErf(float[] x, int at, int length) {
    float half = (float) Math.sqrt(0.5);
    for (int i = 0; i < length; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, length);
      FloatVector v = FloatVector.fromArray(F32, x, at + i, inside);
      FloatVector z = v.lanewise(ABS).mul(half);
      FloatVector t = FloatVector.broadcast(F32, 1f).div(z.mul(0.5f).add(1f));
      FloatVector polynomial = FloatVector.broadcast(F32, (float) ErfcFit.COEFFICIENTS[0]);
      for (int k = 1; k < ErfcFit.COEFFICIENTS.length; k++) {
        polynomial = polynomial.fma(t, FloatVector.broadcast(F32, (float) ErfcFit.COEFFICIENTS[k]));
      }
      FloatVector tail = t.mul(exp(polynomial.sub(z.mul(z))));
      FloatVector erfc = tail.blend(tail.neg().add(2f), v.compare(VectorOperators.GT, 0f));
      v.mul(0.5f).mul(erfc).intoArray(x, at + i, inside);
    }
  }

  @Override
  public void swish(float[] x, int at, int length, float beta) {
    for (int i = 0; i < length; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, length);
      FloatVector v = FloatVector.fromArray(F32, x, at + i, inside);
      v.div(exp(v.mul(-beta)).add(1f)).intoArray(x, at + i, inside);
    }
  }

  /// `exp` to about 2 units in the last place: `2^n · P(x - n ln 2)`. Below -87.3 it is 0, so that
  /// no subnormal slows down what follows; above 88.7 it is infinite; not-a-number stays.
  ///
  /// @see <a href="https://www.netlib.org/cephes/">Moshier, Cephes, expf</a>
  static FloatVector exp(FloatVector x) {
    // Adding 1.5 · 2^23 leaves the rounded integer in the low bits of the sum.
    FloatVector shifted =
        x.max(-88f)
            .min(89f)
            .fma(FloatVector.broadcast(F32, 1.442695f), FloatVector.broadcast(F32, 0x1.8p23f));
    FloatVector n = shifted.sub(0x1.8p23f);
    FloatVector r = n.fma(FloatVector.broadcast(F32, -0x1.63p-1f), x).add(n.mul(2.1219444e-4f));
    FloatVector p = FloatVector.broadcast(F32, 1.9875691e-4f);
    p = p.fma(r, FloatVector.broadcast(F32, 1.3981999e-3f));
    p = p.fma(r, FloatVector.broadcast(F32, 8.333452e-3f));
    p = p.fma(r, FloatVector.broadcast(F32, 4.1665796e-2f));
    p = p.fma(r, FloatVector.broadcast(F32, 1.6666666e-1f));
    p = p.fma(r, FloatVector.broadcast(F32, 0.5f));
    p = p.fma(r.mul(r), r).add(1f);
    // In two factors, since 2^128 is beyond F32.
    IntVector whole = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(0x1.8p23f));
    IntVector part = whole.lanewise(VectorOperators.ASHR, 1);
    FloatVector scaled =
        p.mul(part.add(127).lanewise(LSHL, 23).reinterpretAsFloats())
            .mul(whole.sub(part).add(127).lanewise(LSHL, 23).reinterpretAsFloats());
    return scaled
        .blend(0f, x.compare(VectorOperators.LT, -87.3f))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, 88.72283f));
  }
}
