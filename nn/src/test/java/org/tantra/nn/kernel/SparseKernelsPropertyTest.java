package org.tantra.nn.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Leaving out rows changes nothing but the time.
final class SparseKernelsPropertyTest {
  @Property(tries = 100)
  void listedRowsGiveTheBitsOfTheDenseProduct(
      @ForAll @IntRange(max = 40) int rows,
      @ForAll @IntRange(max = 70) int columns,
      @ForAll @IntRange(max = 2) int kind,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TensorView weight = weight(kind, rows, columns, random);
    float[] x = new float[rows];
    for (int i = 0; i < rows; i++) {
      x[i] = random.nextBoolean() ? 0 : gaussian(random);
    }
    int[] listed = IntStream.range(0, rows).filter(r -> x[r] != 0).toArray();
    int from = columns / 5;
    float[] start = new float[columns];
    for (int i = 0; i < columns; i++) {
      start[i] = gaussian(random);
    }

    float[] dense = start.clone();
    new VectorKernels().columnProducts(dense, columns, x, 1, weight, from, columns);
    float[] vector = start.clone();
    new VectorSparseKernels()
        .listedColumnProducts(vector, 0, x, 0, listed, listed.length, weight, from, columns);
    float[] scalar = start.clone();
    new ScalarSparseKernels()
        .listedColumnProducts(scalar, 0, x, 0, listed, listed.length, weight, from, columns);

    assertArrayEquals(dense, vector);
    assertArrayEquals(scalar, vector, 1e-4f);
  }

  private static TensorView weight(int kind, int rows, int columns, SplittableRandom random) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = gaussian(random);
    }
    if (kind == 0) {
      return TensorView.of(values, rows, columns);
    }
    short[] bits = new short[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] =
          kind == 1
              ? Float.floatToFloat16(values[i])
              : (short) (Float.floatToIntBits(values[i]) >>> 16);
    }
    MemorySegment memory = Arena.ofAuto().allocate(bits.length * 2L);
    for (int i = 0; i < bits.length; i++) {
      memory.set(TensorView.BITS16, i * 2L, bits[i]);
    }
    return new TensorView(kind == 1 ? DType.F16 : DType.BF16, Shape.of(rows, columns), memory);
  }

  private static float gaussian(SplittableRandom random) {
    return (float) random.nextGaussian();
  }
}
