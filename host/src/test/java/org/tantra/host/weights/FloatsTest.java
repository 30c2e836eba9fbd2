package org.tantra.host.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

final class FloatsTest {
  private static final long SEED = 20_260_101;

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16"})
  void everyPatternOf16BitsSurvives(DType dtype) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(2);
      for (int bits = 0; bits < 1 << 16; bits++) {
        memory.set(TensorView.BITS16, 0, (short) bits);
        double value = read(dtype, memory);
        write(dtype, memory, value);
        if (Double.isNaN(value)) {
          assertTrue(Double.isNaN(read(dtype, memory)));
        } else {
          assertEquals((short) bits, memory.get(TensorView.BITS16, 0));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16", "F32"})
  void roundsToTheNearestAndTiesToEven(DType dtype) {
    Random random = new Random(SEED);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(8);
      for (int i = 0; i < 50_000; i++) {
        double value = interesting(dtype, random, memory);
        write(dtype, memory, value);
        long bits = bits(dtype, memory);
        BigDecimal error = distance(value, read(dtype, memory));
        for (int step : new int[] {-1, 1}) {
          double neighbour = ofBits(dtype, memory, bits + step);
          if (Double.isFinite(neighbour)) {
            int order = error.compareTo(distance(value, neighbour));
            assertTrue(
                order < 0 || (order == 0 && (bits & 1) == 0),
                () -> "seed " + SEED + ": " + value + " as " + dtype);
          }
        }
      }
    }
  }

  /// Near the middle between two values of the type, or a little beside it.
  private static double interesting(DType dtype, Random random, MemorySegment memory) {
    while (true) {
      long bits = 1 + random.nextLong(dtype == DType.F32 ? 0x7f00_0000L : 0x7b00L);
      double middle = (ofBits(dtype, memory, bits) + ofBits(dtype, memory, bits + 1)) / 2;
      double value =
          switch (random.nextInt(4)) {
            case 0 -> Math.nextUp(middle);
            case 1 -> Math.nextDown(middle);
            case 2 -> middle * (1 + random.nextGaussian() * 1e-3);
            default -> middle;
          };
      if (Double.isFinite(value) && value != 0) {
        return random.nextBoolean() ? value : -value;
      }
    }
  }

  private static BigDecimal distance(double a, double b) {
    return Double.isInfinite(b)
        ? new BigDecimal("1e400")
        : new BigDecimal(a).subtract(new BigDecimal(b)).abs();
  }

  private static double ofBits(DType dtype, MemorySegment memory, long bits) {
    if (dtype == DType.F32) {
      memory.set(TensorView.I32, 0, (int) bits);
    } else {
      memory.set(TensorView.BITS16, 0, (short) bits);
    }
    return read(dtype, memory);
  }

  private static long bits(DType dtype, MemorySegment memory) {
    return dtype == DType.F32 ? memory.get(TensorView.I32, 0) : memory.get(TensorView.BITS16, 0);
  }

  private static double read(DType dtype, MemorySegment memory) {
    double[] value = new double[1];
    Floats.read(dtype, memory, 0, value, 1);
    return value[0];
  }

  private static void write(DType dtype, MemorySegment memory, double value) {
    Floats.write(dtype, memory, 0, new double[] {value}, 1);
  }
}
