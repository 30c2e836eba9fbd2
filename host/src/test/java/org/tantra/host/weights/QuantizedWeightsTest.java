package org.tantra.host.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.MemoryWeights;

/// Matrices with fewer bits.
final class QuantizedWeightsTest {
  private final Random random = new Random(11);

  private TensorView matrix(long... shape) {
    long elements = 1;
    for (long size : shape) {
      elements *= size;
    }
    float[] values = new float[(int) elements];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorView.of(values, shape);
  }

  private static byte[] bytes(QuantizedWeights weights, String name) {
    try (Arena arena = Arena.ofConfined()) {
      return weights.tensor(name, arena).memory().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Test
  void blockOfEightBitsIsGgmls() {
    float[] x = new float[32];
    x[0] = 127;
    x[1] = -127;
    x[2] = 2.5f; // away from zero
    x[3] = -2.5f;
    x[4] = 2.4f;
    byte[] expected = new byte[34];
    expected[1] = 0x3c; // 1.0
    expected[2] = 127;
    expected[3] = -127;
    expected[4] = 3;
    expected[5] = -3;
    expected[6] = 2;
    var weights =
        new QuantizedWeights(
            MemoryWeights.of(Map.of("w", TensorView.of(x, 1, 32))), Quantization.Q8_0);

    assertArrayEquals(expected, bytes(weights, "w"));
    assertEquals(0.5, weights.loss().largest(), 1e-6);
  }

  @Test
  void blockOfFourBitsIsGgmls() {
    float[] x = new float[32];
    x[0] = -8; // the farthest from zero, so the scale is 1
    x[1] = 7.6f; // 15 is the largest nibble
    x[16] = 3.4f;
    x[17] = -0.5f; // 8 after adding 8.5 and cutting
    byte[] expected = new byte[18];
    java.util.Arrays.fill(expected, (byte) 0x88);
    expected[0] = 0;
    expected[1] = 0x3c;
    expected[2] = (byte) 0xb0;
    expected[3] = (byte) 0x8f;
    var weights =
        new QuantizedWeights(
            MemoryWeights.of(Map.of("w", TensorView.of(x, 1, 32))), Quantization.Q4_0);

    assertArrayEquals(expected, bytes(weights, "w"));
  }

  @Test
  void rowsHaveScalesThatGiveTheNumbersBack() {
    TensorView source = matrix(3, 5, 7);
    var weights = new QuantizedWeights(MemoryWeights.of(Map.of("w", source)), Quantization.INT8);

    assertEquals(
        List.of("w I8 [3, 5, 7]", "w.scale F32 [3]"),
        weights.tensors().stream().map(QuantizedWeightsTest::shown).toList());
    try (Arena arena = Arena.ofConfined()) {
      byte[] rounded = bytes(weights, "w");
      float[] scales = weights.tensor("w.scale", arena).toFloats();
      float[] values = source.toFloats();
      for (int i = 0; i < values.length; i++) {
        float scale = scales[i / 35];
        assertEquals(values[i], rounded[i] * scale, scale * 0.501, "place " + i);
      }
    }
    assertTrue(weights.loss().relative() < 0.01, () -> weights.loss().toString());
    assertEquals("int8", weights.metadata().get("quantization"));
  }

  @Test
  void onlyMatricesOfWholeBlocksChange() {
    Map<String, TensorView> source = new LinkedHashMap<>();
    source.put("wide", matrix(4, 64));
    source.put("narrow", matrix(4, 33));
    source.put("norm", matrix(64));
    source.put("ids", MemoryWeights.random(DType.I64, matrix(2, 32).shape(), random));
    var weights = new QuantizedWeights(MemoryWeights.of(source), Quantization.Q4_0);

    assertEquals(
        List.of("wide Q4_0 [4, 64]", "narrow F32 [4, 33]", "norm F32 [64]", "ids I64 [2, 32]"),
        weights.tensors().stream().map(QuantizedWeightsTest::shown).toList());
  }

  @Test
  void lossGrowsAsBitsShrink() {
    MemoryWeights source = MemoryWeights.of(Map.of("w", matrix(64, 1024)));
    var eight = new QuantizedWeights(source, Quantization.Q8_0);
    var four = new QuantizedWeights(source, Quantization.Q4_0);
    bytes(eight, "w");
    bytes(four, "w");

    assertEquals(65_536, eight.loss().numbers());
    assertEquals(0.006, eight.loss().relative(), 0.003);
    assertEquals(0.09, four.loss().relative(), 0.04);
  }

  @Test
  void whatCannotBeQuantisedIsRefused() {
    TantraException nothing =
        assertThrows(
            TantraException.class,
            () ->
                new QuantizedWeights(MemoryWeights.of(Map.of("w", matrix(32))), Quantization.Q8_0));
    assertEquals(ErrorKind.INVALID, nothing.kind());

    float[] values = new float[64];
    values[40] = Float.NaN;
    var weights =
        new QuantizedWeights(
            MemoryWeights.of(Map.of("w", TensorView.of(values, 2, 32))), Quantization.Q8_0);
    TantraException nan = assertThrows(TantraException.class, () -> bytes(weights, "w"));
    assertEquals("Weight 'w' holds NaN at place 40, which cannot be quantised.", nan.getMessage());
  }

  private static String shown(TensorInfo info) {
    return info.name() + " " + info.dtype() + " " + info.shape();
  }
}
