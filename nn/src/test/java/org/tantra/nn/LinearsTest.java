package org.tantra.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.TwoThreads;

final class LinearsTest {
  private static final int IN = 96;
  private static final int OUT = 70;

  /// Weights and inputs of deviation 1: a step is the largest of a block, about 2.3, by 127 or by
  /// 8; a sum of 96 products is off by about 3 steps, and the worst of 70 outputs by three times
  /// that.
  @ParameterizedTest
  @CsvSource({
    "BF16, false, 0.04",
    "BF16, true, 0.04",
    "Q8_0, false, 0.4",
    "Q8_0, true, 0.4",
    "Q4_0, false, 3",
    "Q4_0, true, 3"
  })
  void roundedMapsComeClose(WeightForm form, boolean transposed, float bound) {
    float[] weight = gaussians(IN * OUT, 1);
    float[] x = gaussians(IN, 2);
    TensorView view = transposed ? TensorView.of(weight, IN, OUT) : TensorView.of(weight, OUT, IN);
    try (Arena arena = Arena.ofConfined()) {
      float[] exact = apply(Linears.asStored(Compute.SERIAL), view, transposed, x);
      Linears linears = new Linears(form, arena, Compute.SERIAL);
      float[] close = apply(linears, view, transposed, x);

      assertArrayEquals(exact, close, bound);
      assertTrue(distance(exact, close) > 0);
      assertTrue(linears.savedBytes() >= IN * OUT * 2);
    }
  }

  @Test
  void threadsRoundTheSameBits() {
    TensorView view = TensorView.of(gaussians(IN * OUT, 1), IN, OUT);
    float[] x = gaussians(IN, 2);
    try (Arena arena = Arena.ofShared()) {
      assertArrayEquals(
          apply(new Linears(WeightForm.Q8_0, arena, Compute.SERIAL), view, true, x),
          apply(new Linears(WeightForm.Q8_0, arena, new TwoThreads()), view, true, x));
    }
  }

  @Test
  void whatDoesNotFillBlocksStaysAsItIs() {
    TensorView view = TensorView.of(gaussians(40 * 3, 1), 3, 40);
    float[] x = gaussians(40, 2);
    try (Arena arena = Arena.ofConfined()) {
      Linears linears = new Linears(WeightForm.Q8_0, arena, Compute.SERIAL);
      assertArrayEquals(
          apply(Linears.asStored(Compute.SERIAL), view, false, x), apply(linears, view, false, x));
      assertEquals(0, linears.savedBytes());
    }
  }

  @ParameterizedTest
  @CsvSource({"none, AS_STORED", "bf16, BF16", "int8_dynamic, Q8_0", "q8_0, Q8_0", "q4_0, Q4_0"})
  void formsHaveTheNamesOfTheConfiguration(String name, WeightForm form) {
    assertEquals(form, WeightForm.of(settings(Map.of("quantization", name))));
  }

  @Test
  void unknownFormIsNamedAndNothingMeansAsStored() {
    assertEquals(WeightForm.AS_STORED, WeightForm.of(Settings.empty("gpt2.yaml")));
    TantraException e =
        assertThrows(
            TantraException.class, () -> WeightForm.of(settings(Map.of("quantization", "q3"))));
    assertEquals(ErrorKind.INVALID, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains("'q3'"), e.getMessage());
  }

  private static Settings settings(Map<String, Object> serve) {
    return Settings.of("gpt2.yaml", Map.of("serve", serve));
  }

  private static float[] apply(Linears linears, TensorView weight, boolean transposed, float[] x) {
    Linear map = transposed ? linears.columns(weight, null) : linears.rows(weight, null);
    float[] y = new float[map.out()];
    map.apply(y, x, 1);
    return y;
  }

  private static float distance(float[] a, float[] b) {
    float largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  private static float[] gaussians(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
