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
/// Longer than most classes: loops over F32, over 16-bit weights, over one token and over four are
/// written out flat, because the compiler keeps vectors in registers only where species and loads
/// are constants of the method.
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
  private static final VectorShuffle<Float> SWAP_1 = swap(1);

  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);

  /// Tokens that a product computes together: with two vectors of columns (or rows) this makes
  /// eight sums, enough to hide the latency of a multiply-add, and fits the 16 registers of AVX2.
  private static final int TOKEN_BLOCK = 4;

  /// Columns of weights that are widened and laid side by side when several tokens share them.
  private static final int BAND = 2 * L;

  /// Rows that are widened together when several tokens share them.
  private static final int ROW_BAND = 16;

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F32, lane -> distance < L ? lane ^ distance : lane);
  }

  // ---- products with rows: sums run along the row, lanes are added at its end ----

  @Override
  public void rowProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int columns = Math.toIntExact(w.shape().size(1));
    if (tokens == 1 && VectorBlocks.multiplies(w.dtype())) {
      VectorBlocks.rows(out, 0, x, 0, w, from, to);
      return;
    }
    boolean plain = w.dtype() == DType.F32 || w.dtype() == DType.F16 || w.dtype() == DType.BF16;
    if (!plain || (tokens > 1 && w.dtype() != DType.F32)) {
      widenedRowProducts(out, outStride, x, tokens, w, from, to);
      return;
    }
    MemorySegment memory = w.memory();
    switch (w.dtype()) {
      case F32 -> {
        int t = 0;
        for (; t + TOKEN_BLOCK <= tokens; t += TOKEN_BLOCK) {
          rowsF32(out, t * outStride, outStride, x, t * columns, columns, memory, from, to);
        }
        for (; t < tokens; t++) {
          rowsF32(out, t * outStride, x, t * columns, columns, memory, from, to);
        }
      }
      case F16 -> rows16(out, x, columns, memory, false, from, to);
      case BF16 -> rows16(out, x, columns, memory, true, from, to);
      default -> throw Widening.unsupported(w);
    }
  }

  private void widenedRowProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int columns = Math.toIntExact(w.shape().size(1));
    float[] row = new float[columns];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment band = arena.allocate((long) ROW_BAND * columns * 4, 64);
      for (int first = from; first < to; first += ROW_BAND) {
        int rows = Math.min(ROW_BAND, to - first);
        for (int r = 0; r < rows; r++) {
          widen(w, first + r, 0, columns, row, band, (long) r * columns * 4);
        }
        float[] sums = new float[tokens * rows];
        TensorView widened =
            new TensorView(
                DType.F32, Shape.of(rows, columns), band.asSlice(0, (long) rows * columns * 4));
        rowProducts(sums, rows, x, tokens, widened, 0, rows);
        for (int t = 0; t < tokens; t++) {
          for (int r = 0; r < rows; r++) {
            out[t * outStride + first + r] += sums[t * rows + r];
          }
        }
      }
    }
  }

  /// Columns of one row into memory, through an array where there is no faster way.
  ///
  /// @param row room for them
  private static void widen(
      TensorView w, int r, int from, int to, float[] row, MemorySegment target, long at) {
    if (VectorBlocks.widens(w.dtype())) {
      VectorBlocks.widen(w, r, from, to, target, at);
    } else {
      Widening.row(w, r, from, to, row);
      MemorySegment.copy(row, 0, target, TensorView.F32, at, to - from);
    }
  }

  /// One token: four rows at a time, so that four streams of memory are in flight.
  private static void rowsF32(
      float[] out, int outAt, float[] x, int xAt, int columns, MemorySegment w, int from, int to) {
    int bound = F32.loopBound(columns);
    long rowBytes = columns * 4L;
    int r = from;
    for (; r + 4 <= to; r += 4) {
      long w0 = r * rowBytes;
      long w1 = w0 + rowBytes;
      long w2 = w1 + rowBytes;
      long w3 = w2 + rowBytes;
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = FloatVector.zero(F32);
      FloatVector s2 = FloatVector.zero(F32);
      FloatVector s3 = FloatVector.zero(F32);
      for (int c = 0; c < bound; c += L) {
        FloatVector v = FloatVector.fromArray(F32, x, xAt + c);
        s0 = f32(w, w0 + c * 4L).fma(v, s0);
        s1 = f32(w, w1 + c * 4L).fma(v, s1);
        s2 = f32(w, w2 + c * 4L).fma(v, s2);
        s3 = f32(w, w3 + c * 4L).fma(v, s3);
      }
      out[outAt + r] += sum(s0) + tailF32(x, xAt, w, w0, bound, columns);
      out[outAt + r + 1] += sum(s1) + tailF32(x, xAt, w, w1, bound, columns);
      out[outAt + r + 2] += sum(s2) + tailF32(x, xAt, w, w2, bound, columns);
      out[outAt + r + 3] += sum(s3) + tailF32(x, xAt, w, w3, bound, columns);
    }
    for (; r < to; r++) {
      long w0 = r * rowBytes;
      FloatVector s0 = FloatVector.zero(F32);
      for (int c = 0; c < bound; c += L) {
        s0 = f32(w, w0 + c * 4L).fma(FloatVector.fromArray(F32, x, xAt + c), s0);
      }
      out[outAt + r] += sum(s0) + tailF32(x, xAt, w, w0, bound, columns);
    }
  }

  /// Four tokens, two rows at a time.
  private static void rowsF32(
      float[] out,
      int outAt,
      int outStride,
      float[] x,
      int xAt,
      int columns,
      MemorySegment w,
      int from,
      int to) {
    int bound = F32.loopBound(columns);
    long rowBytes = columns * 4L;
    int x1 = xAt + columns;
    int x2 = x1 + columns;
    int x3 = x2 + columns;
    int r = from;
    for (; r + 2 <= to; r += 2) {
      long w0 = r * rowBytes;
      long w1 = w0 + rowBytes;
      FloatVector s00 = FloatVector.zero(F32);
      FloatVector s01 = FloatVector.zero(F32);
      FloatVector s02 = FloatVector.zero(F32);
      FloatVector s03 = FloatVector.zero(F32);
      FloatVector s10 = FloatVector.zero(F32);
      FloatVector s11 = FloatVector.zero(F32);
      FloatVector s12 = FloatVector.zero(F32);
      FloatVector s13 = FloatVector.zero(F32);
      for (int c = 0; c < bound; c += L) {
        FloatVector a = f32(w, w0 + c * 4L);
        FloatVector b = f32(w, w1 + c * 4L);
        FloatVector v = FloatVector.fromArray(F32, x, xAt + c);
        s00 = a.fma(v, s00);
        s10 = b.fma(v, s10);
        v = FloatVector.fromArray(F32, x, x1 + c);
        s01 = a.fma(v, s01);
        s11 = b.fma(v, s11);
        v = FloatVector.fromArray(F32, x, x2 + c);
        s02 = a.fma(v, s02);
        s12 = b.fma(v, s12);
        v = FloatVector.fromArray(F32, x, x3 + c);
        s03 = a.fma(v, s03);
        s13 = b.fma(v, s13);
      }
      int o0 = outAt + r;
      int o1 = o0 + outStride;
      int o2 = o1 + outStride;
      int o3 = o2 + outStride;
      out[o0] += sum(s00) + tailF32(x, xAt, w, w0, bound, columns);
      out[o1] += sum(s01) + tailF32(x, x1, w, w0, bound, columns);
      out[o2] += sum(s02) + tailF32(x, x2, w, w0, bound, columns);
      out[o3] += sum(s03) + tailF32(x, x3, w, w0, bound, columns);
      out[o0 + 1] += sum(s10) + tailF32(x, xAt, w, w1, bound, columns);
      out[o1 + 1] += sum(s11) + tailF32(x, x1, w, w1, bound, columns);
      out[o2 + 1] += sum(s12) + tailF32(x, x2, w, w1, bound, columns);
      out[o3 + 1] += sum(s13) + tailF32(x, x3, w, w1, bound, columns);
    }
    for (int t = 0; r < to && t < TOKEN_BLOCK; t++) {
      rowsF32(out, outAt + t * outStride, x, xAt + t * columns, columns, w, r, to);
    }
  }

  private static float tailF32(
      float[] x, int xAt, MemorySegment w, long row, int bound, int columns) {
    float sum = 0;
    for (int c = bound; c < columns; c++) {
      sum = Math.fma(x[xAt + c], w.get(TensorView.F32, row + c * 4L), sum);
    }
    return sum;
  }

  /// One token, 16-bit weights, two rows at a time: with four the compiler sometimes gives up
  /// inlining. Which kind does not change inside the loop, so the compiler makes two loops of it.
  private static void rows16(
      float[] out, float[] x, int columns, MemorySegment w, boolean brain, int from, int to) {
    int bound = F32.loopBound(columns);
    long rowBytes = columns * 2L;
    int r = from;
    for (; r + 2 <= to; r += 2) {
      long w0 = r * rowBytes;
      long w1 = w0 + rowBytes;
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = FloatVector.zero(F32);
      for (int c = 0; c < bound; c += L) {
        FloatVector v = FloatVector.fromArray(F32, x, c);
        s0 = wide(w, w0 + c * 2L, brain).fma(v, s0);
        s1 = wide(w, w1 + c * 2L, brain).fma(v, s1);
      }
      out[r] += sum(s0) + tail16(x, w, w0, brain, bound, columns);
      out[r + 1] += sum(s1) + tail16(x, w, w1, brain, bound, columns);
    }
    for (; r < to; r++) {
      long row = r * rowBytes;
      FloatVector sum = FloatVector.zero(F32);
      for (int c = 0; c < bound; c += L) {
        sum = wide(w, row + c * 2L, brain).fma(FloatVector.fromArray(F32, x, c), sum);
      }
      out[r] += sum(sum) + tail16(x, w, row, brain, bound, columns);
    }
  }

  private static float tail16(
      float[] x, MemorySegment w, long row, boolean brain, int bound, int columns) {
    float tail = 0;
    for (int c = bound; c < columns; c++) {
      tail = Math.fma(x[c], widened(w, row + c * 2L, brain), tail);
    }
    return tail;
  }

  // ---- products with columns: each lane is a column, sums run down the rows ----

  @Override
  public void columnProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int rows = Math.toIntExact(w.shape().size(0));
    if (w.dtype().blockElements() > 1) {
      panelColumnProducts(out, outStride, x, tokens, w, from, to);
      return;
    }
    if (tokens >= TOKEN_BLOCK) {
      bandedColumnProducts(out, outStride, x, tokens, w, from, to);
      return;
    }
    for (int t = 0; t < tokens; t++) {
      columns(out, t * outStride, x, t * rows, w, rows, from, to);
    }
  }

  @Override
  public void combine(
      float[] out, int outAt, float[] x, int xAt, TensorView w, int rows, int columns) {
    columns(out, outAt, x, xAt, w, rows, 0, columns);
  }

  private static void columns(
      float[] out, int outAt, float[] x, int xAt, TensorView w, int rows, int from, int to) {
    int width = Math.toIntExact(w.shape().size(1));
    MemorySegment memory = w.memory();
    switch (w.dtype()) {
      case F32 -> columnsF32(out, outAt, x, xAt, memory, width, rows, from, to);
      case F16 -> columns16(out, outAt, x, xAt, memory, false, width, rows, from, to);
      case BF16 -> columns16(out, outAt, x, xAt, memory, true, width, rows, from, to);
      default -> throw Widening.unsupported(w);
    }
  }

  /// One token: four rows at a time, each read from left to right, sums kept in `out`.
  private static void columnsF32(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      MemorySegment w,
      int width,
      int rows,
      int from,
      int to) {
    int bound = from + F32.loopBound(to - from);
    long rowBytes = width * 4L;
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      float x0 = x[xAt + r];
      float x1 = x[xAt + r + 1];
      float x2 = x[xAt + r + 2];
      float x3 = x[xAt + r + 3];
      FloatVector v0 = FloatVector.broadcast(F32, x0);
      FloatVector v1 = FloatVector.broadcast(F32, x1);
      FloatVector v2 = FloatVector.broadcast(F32, x2);
      FloatVector v3 = FloatVector.broadcast(F32, x3);
      long w0 = r * rowBytes;
      long w1 = w0 + rowBytes;
      long w2 = w1 + rowBytes;
      long w3 = w2 + rowBytes;
      for (int c = from; c < bound; c += L) {
        FloatVector sum = FloatVector.fromArray(F32, out, outAt + c);
        sum = f32(w, w0 + c * 4L).fma(v0, sum);
        sum = f32(w, w1 + c * 4L).fma(v1, sum);
        sum = f32(w, w2 + c * 4L).fma(v2, sum);
        sum = f32(w, w3 + c * 4L).fma(v3, sum);
        sum.intoArray(out, outAt + c);
      }
      for (int c = bound; c < to; c++) {
        float sum = out[outAt + c];
        sum = Math.fma(x0, w.get(TensorView.F32, w0 + c * 4L), sum);
        sum = Math.fma(x1, w.get(TensorView.F32, w1 + c * 4L), sum);
        sum = Math.fma(x2, w.get(TensorView.F32, w2 + c * 4L), sum);
        out[outAt + c] = Math.fma(x3, w.get(TensorView.F32, w3 + c * 4L), sum);
      }
    }
    for (; r < rows; r++) {
      float x0 = x[xAt + r];
      FloatVector v0 = FloatVector.broadcast(F32, x0);
      long w0 = r * rowBytes;
      for (int c = from; c < bound; c += L) {
        f32(w, w0 + c * 4L)
            .fma(v0, FloatVector.fromArray(F32, out, outAt + c))
            .intoArray(out, outAt + c);
      }
      for (int c = bound; c < to; c++) {
        out[outAt + c] = Math.fma(x0, w.get(TensorView.F32, w0 + c * 4L), out[outAt + c]);
      }
    }
  }

  /// One token, 16-bit weights, as [#rows16].
  private static void columns16(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      MemorySegment w,
      boolean brain,
      int width,
      int rows,
      int from,
      int to) {
    for (int r = 0; r < rows; r++) {
      addRow16(out, outAt, x[xAt + r], w, r * (width * 2L), brain, from, to);
    }
  }

  /// Adds one row of 16-bit weights times a factor.
  ///
  /// @param row byte offset of the row
  static void addRow16(
      float[] out,
      int outAt,
      float factor,
      MemorySegment w,
      long row,
      boolean brain,
      int from,
      int to) {
    int bound = from + F32.loopBound(to - from);
    for (int c = from; c < bound; c += L) {
      FloatVector v = wide(w, row + c * 2L, brain);
      v.fma(FloatVector.broadcast(F32, factor), FloatVector.fromArray(F32, out, outAt + c))
          .intoArray(out, outAt + c);
    }
    for (int c = bound; c < to; c++) {
      float value = widened(w, row + c * 2L, brain);
      out[outAt + c] = Math.fma(factor, value, out[outAt + c]);
    }
  }

  /// Block types: a few rows are widened, then every token goes over them while they are in the
  /// cache. `from` and `to` are multiples of [VectorBlocks#UNIT].
  private static void panelColumnProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int rows = Math.toIntExact(w.shape().size(0));
    int width = to - from;
    float[] row = new float[width];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment panel = arena.allocate((long) ROW_BAND * width * 4, 64);
      for (int first = 0; first < rows; first += ROW_BAND) {
        int count = Math.min(ROW_BAND, rows - first);
        for (int r = 0; r < count; r++) {
          widen(w, first + r, from, to, row, panel, (long) r * width * 4);
        }
        for (int t = 0; t < tokens; t++) {
          columnsF32(out, t * outStride + from, x, t * rows + first, panel, width, count, 0, width);
        }
      }
    }
  }

  /// Several tokens: a narrow band of columns is widened and packed once, then every block of
  /// tokens goes over it while it is in the cache.
  private static void bandedColumnProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int rows = Math.toIntExact(w.shape().size(0));
    float[] row = new float[BAND];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment band = arena.allocate((long) rows * BAND * 4, 64);
      int first = from;
      for (; first + BAND <= to; first += BAND) {
        for (int r = 0; r < rows; r++) {
          Widening.row(w, r, first, first + BAND, row);
          MemorySegment.copy(row, 0, band, TensorView.F32, (long) r * BAND * 4, BAND);
        }
        int t = 0;
        for (; t + TOKEN_BLOCK <= tokens; t += TOKEN_BLOCK) {
          bandBlock(out, t * outStride + first, outStride, x, t * rows, rows, band);
        }
        for (; t < tokens; t++) {
          columnsF32(out, t * outStride + first, x, t * rows, band, BAND, rows, 0, BAND);
        }
      }
      for (int t = 0; first < to && t < tokens; t++) {
        columns(out, t * outStride, x, t * rows, w, rows, first, to);
      }
    }
  }

  /// Four tokens times two vectors of columns, sums in registers.
  private static void bandBlock(
      float[] out, int outAt, int outStride, float[] x, int xAt, int rows, MemorySegment band) {
    int o1 = outAt + outStride;
    int o2 = o1 + outStride;
    int o3 = o2 + outStride;
    FloatVector s00 = FloatVector.fromArray(F32, out, outAt);
    FloatVector s01 = FloatVector.fromArray(F32, out, outAt + L);
    FloatVector s10 = FloatVector.fromArray(F32, out, o1);
    FloatVector s11 = FloatVector.fromArray(F32, out, o1 + L);
    FloatVector s20 = FloatVector.fromArray(F32, out, o2);
    FloatVector s21 = FloatVector.fromArray(F32, out, o2 + L);
    FloatVector s30 = FloatVector.fromArray(F32, out, o3);
    FloatVector s31 = FloatVector.fromArray(F32, out, o3 + L);
    for (int r = 0; r < rows; r++) {
      FloatVector a = f32(band, r * (BAND * 4L));
      FloatVector b = f32(band, r * (BAND * 4L) + L * 4L);
      FloatVector v = FloatVector.broadcast(F32, x[xAt + r]);
      s00 = a.fma(v, s00);
      s01 = b.fma(v, s01);
      v = FloatVector.broadcast(F32, x[xAt + rows + r]);
      s10 = a.fma(v, s10);
      s11 = b.fma(v, s11);
      v = FloatVector.broadcast(F32, x[xAt + 2 * rows + r]);
      s20 = a.fma(v, s20);
      s21 = b.fma(v, s21);
      v = FloatVector.broadcast(F32, x[xAt + 3 * rows + r]);
      s30 = a.fma(v, s30);
      s31 = b.fma(v, s31);
    }
    s00.intoArray(out, outAt);
    s01.intoArray(out, outAt + L);
    s10.intoArray(out, o1);
    s11.intoArray(out, o1 + L);
    s20.intoArray(out, o2);
    s21.intoArray(out, o2 + L);
    s30.intoArray(out, o3);
    s31.intoArray(out, o3 + L);
  }

  // ---- loads ----

  static FloatVector f32(MemorySegment memory, long byteOffset) {
    return FloatVector.fromMemorySegment(F32, memory, byteOffset, LITTLE_ENDIAN);
  }

  private static FloatVector wide(MemorySegment memory, long byteOffset, boolean brain) {
    return brain ? bf16(memory, byteOffset) : f16(memory, byteOffset);
  }

  private static FloatVector bf16(MemorySegment memory, long byteOffset) {
    return bits16(memory, byteOffset).lanewise(LSHL, 16).reinterpretAsFloats();
  }

  /// Widens by moving exponent and mantissa into place; subnormals go through an integer
  /// conversion, which unlike arithmetic on them costs nothing extra.
  private static FloatVector f16(MemorySegment memory, long byteOffset) {
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

  private static float widened(MemorySegment memory, long byteOffset, boolean brain) {
    short bits = memory.get(TensorView.BITS16, byteOffset);
    return brain ? Float.intBitsToFloat(bits << 16) : Float.float16ToFloat(bits);
  }

  private static IntVector bits16(MemorySegment memory, long byteOffset) {
    return (IntVector)
        ShortVector.fromMemorySegment(HALF, memory, byteOffset, LITTLE_ENDIAN)
            .convertShape(ZERO_EXTEND_S2I, I32, 0);
  }

  static float sum(FloatVector v) {
    FloatVector sum = v;
    if (L > 8) {
      sum = sum.add(sum.rearrange(SWAP_8));
    }
    if (L > 4) {
      sum = sum.add(sum.rearrange(SWAP_4));
    }
    if (L > 2) {
      sum = sum.add(sum.rearrange(SWAP_2));
    }
    return sum.add(sum.rearrange(SWAP_1)).lane(0);
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
