package org.tantra.nn.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.quant.Dequantizer;

/// Products with block types are those with the F32 weights they stand for, bit for bit; the build
/// runs this with lanes of 128 and 256 bits and of the CPU's own width.
final class BlockKernelsPropertyTest {
  /// Those with vector kernels, and one without.
  @Provide
  Arbitrary<DType> dtypes() {
    return Arbitraries.of(DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K, DType.Q5_0);
  }

  @Property(tries = 300)
  void productsAreThoseOfTheWidenedWeights(
      @ForAll("dtypes") DType dtype,
      @ForAll boolean columns,
      @ForAll boolean inArray,
      @ForAll @IntRange(min = 1, max = 3) int blocks,
      @ForAll @IntRange(min = 1, max = 21) int others,
      @ForAll @IntRange(min = 1, max = 27) int tokens,
      @ForAll @IntRange(max = 3) int byteOffset,
      @ForAll long seed) {
    int width = blocks * dtype.blockElements();
    int inputs = columns ? others : width;
    int outputs = columns ? width : others;
    int from = columns ? width / 64 * 32 : others / 3;
    try (Arena arena = Arena.ofConfined()) {
      Random random = new Random(seed);
      TensorView w = weights(arena, inArray, dtype, others, width, byteOffset, random);
      TensorView wide = Dequantizer.toF32(w, arena);
      float[] x = new float[tokens * inputs];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
      }
      for (Kernels kernels : List.of(new ScalarKernels(), new VectorKernels())) {
        float[] expected = new float[tokens * outputs];
        float[] actual = expected.clone();
        if (columns) {
          kernels.columnProducts(expected, outputs, x, tokens, wide, from, outputs);
          kernels.columnProducts(actual, outputs, x, tokens, w, from, outputs);
        } else {
          kernels.rowProducts(expected, outputs, x, tokens, wide, from, outputs);
          kernels.rowProducts(actual, outputs, x, tokens, w, from, outputs);
        }
        assertArrayEquals(expected, actual);
      }
    }
  }

  @Property(tries = 50)
  void rowsOfATableAreWidened(
      @ForAll("dtypes") DType dtype, @ForAll @IntRange(max = 4) int row, @ForAll long seed) {
    int width = 2 * dtype.blockElements();
    try (Arena arena = Arena.ofConfined()) {
      TensorView w = weights(arena, false, dtype, 5, width, 1, new Random(seed));
      float[] out = new float[width + 1];
      new VectorKernels().addRow(out, 1, w, row);
      TensorView wide = Dequantizer.toF32(w, arena);
      float[] expected = new float[width + 1];
      for (int c = 0; c < width; c++) {
        expected[c + 1] += wide.floatAt((long) row * width + c);
      }
      assertArrayEquals(expected, out);
    }
  }

  /// Any bits, but for scales that are finite.
  private static TensorView weights(
      Arena arena,
      boolean inArray,
      DType dtype,
      int rows,
      int columns,
      int byteOffset,
      Random random) {
    long bytes = dtype.byteSize((long) rows * columns);
    byte[] content = new byte[Math.toIntExact(bytes)];
    random.nextBytes(content);
    MemorySegment whole =
        inArray
            ? MemorySegment.ofArray(new byte[content.length + byteOffset])
            : arena.allocate(bytes + byteOffset, 64);
    MemorySegment memory = whole.asSlice(byteOffset);
    MemorySegment.copy(MemorySegment.ofArray(content), 0, memory, 0, bytes);
    int[] scales =
        switch (dtype) {
          case Q4_K -> new int[] {0, 2};
          case Q6_K -> new int[] {208};
          default -> new int[] {0};
        };
    for (long at = 0; at < bytes; at += dtype.blockBytes()) {
      for (int scale : scales) {
        short half = Float.floatToFloat16(random.nextFloat() - 0.5f);
        memory.set(TensorView.BITS16, at + scale, half);
      }
    }
    return new TensorView(dtype, Shape.of(rows, columns), memory);
  }
}
