package org.tantra.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.quant.Dequantizer;
import org.tantra.testkit.MemoryWeights;

final class StateDictTest {
  @Test
  void blocksAreExpandedWhereNumbersAreTakenOver() {
    TensorView blocks = MemoryWeights.random(DType.Q8_0, Shape.of(2, 64), new Random(1));
    TensorView plain = MemoryWeights.random(DType.F16, Shape.of(3, 4), new Random(2));
    try (Arena arena = Arena.ofConfined()) {
      StateDict weights =
          new StateDict("m", MemoryWeights.of(Map.of("b", blocks, "p", plain)), arena);

      TensorView numbers = weights.numbers("b", 2, 64);

      assertArrayEquals(Dequantizer.toF32(blocks, arena).toFloats(), numbers.toFloats());
      assertEquals(2 * 64 * 4, weights.bytes());
      assertSame(weights.weight("p", 3, 4), weights.numbers("p", 3, 4));
    }
  }
}
