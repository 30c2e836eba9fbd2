package org.tantra.nn.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Vector kernels against their scalar twins. The build runs this with lanes of 128 and 256 bits
/// and of the CPU's own width.
final class KernelsPropertyTest {
  private static final Kernels SCALAR = new ScalarKernels();
  private static final Kernels VECTOR = new VectorKernels();
  private static final int L = VectorKernels.BITS / 32;

  private static final float[] SPECIALS = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, 0f
  };

  /// Around the places where a loop changes from vectors to single elements.
  @Provide
  Arbitrary<Integer> lengths() {
    return Arbitraries.of(0, 1, L - 1, L, L + 1, 2 * L + 3, 4 * L, 7 * L + 1, 12 * L);
  }

  @Provide
  Arbitrary<DType> dtypes() {
    return Arbitraries.of(DType.F32, DType.F16, DType.BF16);
  }

  @Property(tries = 600)
  void productsAgree(
      @ForAll boolean columns,
      @ForAll("dtypes") DType dtype,
      @ForAll("lengths") int outputs,
      @ForAll("lengths") int inputs,
      @ForAll @IntRange(min = 1, max = 27) int tokens,
      @ForAll @IntRange(max = 5) int byteOffset,
      @ForAll long seed) {
    try (Arena arena = Arena.ofConfined()) {
      SplittableRandom random = new SplittableRandom(seed);
      TensorView w =
          columns
              ? weights(arena, dtype, inputs, outputs, byteOffset, random)
              : weights(arena, dtype, outputs, inputs, byteOffset, random);
      float[] x = values(tokens * inputs, random);
      float[] start = values(tokens * outputs, random);

      float[] expected = start.clone();
      product(SCALAR, columns, expected, x, tokens, w, outputs / 3, outputs);
      float[] actual = start.clone();
      product(VECTOR, columns, actual, x, tokens, w, outputs / 3, outputs);

      assertClose(expected, actual, 1e-5 * inputs);
    }
  }

  @Property(tries = 400)
  void tokensGetTheSameBitsTogetherAndAlone(
      @ForAll boolean columns,
      @ForAll("dtypes") DType dtype,
      @ForAll("lengths") int outputs,
      @ForAll("lengths") int inputs,
      @ForAll @IntRange(min = 2, max = 27) int tokens,
      @ForAll long seed) {
    try (Arena arena = Arena.ofConfined()) {
      SplittableRandom random = new SplittableRandom(seed);
      TensorView w =
          columns
              ? weights(arena, dtype, inputs, outputs, 0, random)
              : weights(arena, dtype, outputs, inputs, 0, random);
      float[] x = values(tokens * inputs, random);
      for (Kernels kernels : List.of(SCALAR, VECTOR)) {
        float[] together = new float[tokens * outputs];
        product(kernels, columns, together, x, tokens, w, 0, outputs);
        for (int t = 0; t < tokens; t++) {
          float[] alone = new float[outputs];
          product(kernels, columns, alone, slice(x, t, inputs), 1, w, 0, outputs);
          assertArrayEquals(alone, slice(together, t, outputs));
        }
      }
    }
  }

  private static void product(
      Kernels kernels,
      boolean columns,
      float[] out,
      float[] x,
      int tokens,
      TensorView w,
      int from,
      int to) {
    if (columns) {
      kernels.columnProducts(out, to, x, tokens, w, from, to);
    } else {
      kernels.rowProducts(out, to, x, tokens, w, from, to);
    }
  }

  @Property(tries = 200)
  void combineAgrees(
      @ForAll("lengths") int rows,
      @ForAll("lengths") int columns,
      @ForAll @IntRange(max = 3) int offset,
      @ForAll long seed) {
    try (Arena arena = Arena.ofConfined()) {
      SplittableRandom random = new SplittableRandom(seed);
      TensorView w = weights(arena, DType.F32, rows + 2, columns + 3, 0, random);
      float[] x = values(rows + offset, random);
      float[] start = values(columns + offset + 1, random);

      float[] expected = start.clone();
      SCALAR.combine(expected, offset, x, offset, w, rows, columns);
      float[] actual = start.clone();
      VECTOR.combine(actual, offset, x, offset, w, rows, columns);

      assertClose(expected, actual, 1e-5 * rows);
    }
  }

  @Property(tries = 300)
  void specialValuesMeetTheSameFate(
      @ForAll boolean columns,
      @ForAll("lengths") int outputs,
      @ForAll("lengths") int inputs,
      @ForAll long seed) {
    try (Arena arena = Arena.ofConfined()) {
      SplittableRandom random = new SplittableRandom(seed);
      TensorView w =
          columns
              ? weights(arena, DType.F32, inputs, outputs, 0, random)
              : weights(arena, DType.F32, outputs, inputs, 0, random);
      float[] x = values(Math.max(outputs, inputs), random);
      sprinkle(x, random);

      float[] expected = new float[outputs];
      product(SCALAR, columns, expected, x, 1, w, 0, outputs);
      float[] actual = new float[outputs];
      product(VECTOR, columns, actual, x, 1, w, 0, outputs);

      assertClose(expected, actual, 1e-5 * inputs);
    }
  }

  @Property(tries = 300)
  void elementwiseKernelsAgree(
      @ForAll("lengths") int length,
      @ForAll @IntRange(max = 3) int offset,
      @ForAll boolean special,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[length + offset + 1];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-30, 30);
    }
    if (special) {
      sprinkle(x, random);
    }
    for (Operation operation : OPERATIONS) {
      float[] expected = x.clone();
      operation.apply(SCALAR, expected, offset, length);
      float[] actual = x.clone();
      operation.apply(VECTOR, actual, offset, length);
      assertClose(expected, actual, 2e-6);
    }
  }

  @Property(tries = 200)
  void layerNormAgrees(
      @ForAll("lengths") int width, @ForAll @IntRange(max = 3) int offset, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = values(width + offset, random);
    float[] gain = values(width, random);
    float[] bias = values(width, random);

    float[] expected = new float[width + offset];
    SCALAR.layerNorm(expected, offset, x, offset, gain, bias, 1e-5f);
    float[] actual = new float[width + offset];
    VECTOR.layerNorm(actual, offset, x, offset, gain, bias, 1e-5f);

    assertClose(expected, actual, 1e-5);
  }

  @Property(tries = 100)
  void softmaxIgnoresAConstantShift(
      @ForAll @IntRange(min = 1, max = 100) int length, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = values(length, random);
    float[] shifted = x.clone();
    for (int i = 0; i < length; i++) {
      shifted[i] += 64;
    }
    for (Kernels kernels : List.of(SCALAR, VECTOR)) {
      float[] a = x.clone();
      kernels.softmax(a, 0, length);
      float[] b = shifted.clone();
      kernels.softmax(b, 0, length);
      assertClose(a, b, 1e-5);
      double sum = 0;
      for (float value : a) {
        sum += value;
      }
      assertEquals(1, sum, 1e-5);
    }
  }

  /// Not one case in a thousand, but every one of the 65 536 there are.
  @Example
  void everyHalfPrecisionNumberIsWidenedExactly() {
    try (Arena arena = Arena.ofConfined()) {
      for (DType dtype : List.of(DType.F16, DType.BF16)) {
        MemorySegment memory = arena.allocate(2 * 65536);
        for (int bits = 0; bits < 65536; bits++) {
          memory.set(TensorView.BITS16, bits * 2L, (short) bits);
        }
        TensorView w = new TensorView(dtype, Shape.of(1, 65536), memory);
        float[] actual = new float[65536];
        VECTOR.columnProducts(actual, 65536, new float[] {1}, 1, w, 0, 65536);
        for (int bits = 0; bits < 65536; bits++) {
          assertEquals(w.floatAt(bits) + 0f, actual[bits], "bits " + bits);
        }
      }
    }
  }

  @Example
  void geluErfAgreesWithTheIntegral() {
    // 0.5 x (1 + erf(x / sqrt 2)) from tables of the normal distribution
    float[] x = {-3, -1, -0.5f, 0, 0.5f, 1, 2, 3};
    SCALAR.geluErf(x, 0, x.length);
    float[] expected = {
      -0.004049694f, -0.15865526f, -0.15426877f, 0, 0.34573123f, 0.8413448f, 1.9544997f, 2.9959502f
    };
    assertArrayEquals(expected, x, 1e-6f);
  }

  private interface Operation {
    void apply(Kernels kernels, float[] x, int at, int length);
  }

  private static final List<Operation> OPERATIONS =
      List.of(
          Kernels::softmax,
          Kernels::geluTanh,
          Kernels::geluErf,
          (kernels, x, at, length) -> kernels.swish(x, at, length, 1),
          (kernels, x, at, length) -> kernels.swish(x, at, length, 1.702f));

  private static TensorView weights(
      Arena arena, DType dtype, int rows, int columns, int byteOffset, SplittableRandom random) {
    Shape shape = Shape.of(rows, columns);
    long size = dtype.byteSize(shape.elements());
    MemorySegment memory = arena.allocate(size + byteOffset, 64).asSlice(byteOffset);
    float[] values = values(rows * columns, random);
    for (int i = 0; i < values.length; i++) {
      switch (dtype) {
        case F32 -> memory.set(TensorView.F32, i * 4L, values[i]);
        case F16 -> memory.set(TensorView.BITS16, i * 2L, Float.floatToFloat16(values[i]));
        default ->
            memory.set(
                TensorView.BITS16, i * 2L, (short) (Float.floatToRawIntBits(values[i]) >> 16));
      }
    }
    return new TensorView(dtype, shape, memory);
  }

  private static float[] values(int length, SplittableRandom random) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static void sprinkle(float[] x, SplittableRandom random) {
    for (int i = 0; i < x.length; i++) {
      if (random.nextInt(8) == 0) {
        x[i] = SPECIALS[random.nextInt(SPECIALS.length)];
      }
    }
  }

  private static float[] slice(float[] x, int row, int width) {
    return Arrays.copyOfRange(x, row * width, (row + 1) * width);
  }

  private static void assertClose(float[] expected, float[] actual, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      float a = expected[i];
      float b = actual[i];
      boolean close =
          Float.isFinite(a)
              ? Math.abs((double) a - b) <= tolerance * Math.max(1, Math.abs(a))
              : Float.compare(a, b) == 0;
      assertTrue(close, "element " + i + ": expected " + a + ", got " + b);
    }
  }
}
