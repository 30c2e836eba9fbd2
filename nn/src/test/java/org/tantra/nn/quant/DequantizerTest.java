package org.tantra.nn.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Bits that agree with ggml's are held by the tests of the GGUF plugin, with real blocks.
class DequantizerTest {
  private static final short TWO = Float.floatToFloat16(2);

  @Test
  void nibblesOfQ4BlockAreHalvesOfTheBlock() {
    MemorySegment block = MemorySegment.ofArray(new byte[18]);
    block.set(TensorView.BITS16, 0, TWO);
    block.set(ValueLayout.JAVA_BYTE, 2, (byte) 0xf1);

    float[] values = expand(DType.Q4_0, block, Shape.of(32));

    assertEquals((1 - 8) * 2f, values[0]);
    assertEquals((15 - 8) * 2f, values[16]);
    assertEquals(-8 * 2f, values[31]);
  }

  @Test
  void plainTypesAreWidened() {
    MemorySegment halves = MemorySegment.ofArray(new byte[4]);
    halves.set(TensorView.BITS16, 0, TWO);
    halves.set(TensorView.BITS16, 2, Float.floatToFloat16(-0.5f));
    assertArrayEquals(new float[] {2, -0.5f}, expand(DType.F16, halves, Shape.of(2)));
  }

  @Test
  void emptyTensorExpandsToAnEmptyOne() {
    MemorySegment none = MemorySegment.ofArray(new byte[0]);
    assertEquals(0, expand(DType.Q8_0, none, Shape.of(0, 32)).length);
  }

  @ParameterizedTest
  @EnumSource
  void everyBlockTypeOfGgmlExpandsToOneValueForEachElement(DType dtype) {
    boolean packedOtherwise = EnumSet.of(DType.F4, DType.F6_E2M3, DType.F6_E3M2).contains(dtype);
    if (dtype.blockElements() > 1 && !packedOtherwise) {
      assertTrue(Dequantizer.reads(dtype));
      MemorySegment blocks = MemorySegment.ofArray(new byte[3 * dtype.blockBytes()]);
      assertEquals(
          3 * dtype.blockElements(),
          expand(dtype, blocks, Shape.of(3, dtype.blockElements())).length);
    }
  }

  @Test
  void otherTypesAreRefused() {
    assertFalse(Dequantizer.reads(DType.I64));
    MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
    assertThrows(
        UnsupportedOperationException.class, () -> Dequantizer.expand(DType.I64, bytes, bytes));
  }

  @Test
  void targetOfAnotherSizeIsRefused() {
    MemorySegment block = MemorySegment.ofArray(new byte[34]);
    MemorySegment target = MemorySegment.ofArray(new byte[31 * 4]);
    assertThrows(
        IllegalArgumentException.class, () -> Dequantizer.expand(DType.Q8_0, block, target));
  }

  private static float[] expand(DType dtype, MemorySegment memory, Shape shape) {
    try (Arena scratch = Arena.ofConfined()) {
      return Dequantizer.toF32(new TensorView(dtype, shape, memory), scratch).toFloats();
    }
  }
}
