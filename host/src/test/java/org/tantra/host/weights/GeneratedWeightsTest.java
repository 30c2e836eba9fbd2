package org.tantra.host.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightPlan.Start;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;

/// Weights that nobody has trained.
final class GeneratedWeightsTest {
  private static final Start NORMAL = new Start.Normal(0.02);

  @Test
  void valuesFollowFromSeedNameAndPlaceAlone() {
    float[] alone = values(7, weight("a", NORMAL, 20_000));
    float[] afterAnother = values(7, weight("b", NORMAL, 3), weight("a", NORMAL, 20_000));

    assertArrayEquals(alone, afterAnother);
    assertArrayEquals(
        Arrays.copyOf(alone, 9_000), values(7, weight("a", NORMAL, 9_000)), "a shorter weight");
    assertFalse(Arrays.equals(alone, values(8, weight("a", NORMAL, 20_000))));
    assertFalse(Arrays.equals(alone, values(7, weight("c", NORMAL, 20_000))));
  }

  @Test
  void bitsNeverChange() {
    // Seeds are published; whoever changes the generator counts its version up.
    assertEquals("1", SeededValues.VERSION);
    float[] values = values(42, weight("w", NORMAL, 3));
    assertArrayEquals(GOLDEN, values, Arrays.toString(values));
  }

  /// Computed by a restatement of the generator in another language.
  private static final float[] GOLDEN = {
    0x1.19fc8e0000000p-6f, -0x1.41e2620000000p-7f, 0x1.0865c60000000p-6f
  };

  @Test
  void normalValuesHaveTheirMeanDeviationAndTails() {
    float[] values = values(1, weight("w", NORMAL, 1_000_000));
    double sum = 0;
    double squares = 0;
    int beyondTwo = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
      beyondTwo += Math.abs(value) > 0.04 ? 1 : 0;
    }
    assertEquals(0, sum / values.length, 1e-4);
    assertEquals(0.02, Math.sqrt(squares / values.length), 1e-4);
    assertEquals(0.0455, beyondTwo / 1e6, 0.01); // of a normal distribution
  }

  @Test
  void uniformValuesFillTheirRangeEvenly() {
    float[] values = values(1, weight("w", new Start.Uniform(-3, 1), 1_000_000));
    int[] quarters = new int[4];
    for (float value : values) {
      assertTrue(value >= -3 && value <= 1, () -> "value " + value);
      quarters[Math.min(3, (int) (value + 3))]++;
    }
    for (int quarter : quarters) {
      assertEquals(250_000, quarter, 2_500);
    }
  }

  @Test
  void logarithmsCountAlongEachRow() {
    float[] row = {0, (float) Math.log(2), (float) Math.log(3)};
    assertArrayEquals(
        new float[] {row[0], row[1], row[2], row[0], row[1], row[2]},
        values(1, weight("A_log", new Start.LogOfIndex(), 2, 3)));
  }

  @Test
  void noValueIsSubnormal() {
    WeightPlan.Weight half =
        WeightPlan.Weight.of(new TensorInfo("w", DType.F16, Shape.of(100_000)), NORMAL);
    for (float value : values(3, half)) {
      assertTrue(value == 0 || Math.abs(value) >= 0x1p-14f, () -> "value " + value);
    }
    for (float value : values(3, weight("w", new Start.Normal(1e-37), 10_000))) {
      assertTrue(value == 0 || Math.abs(value) >= Float.MIN_NORMAL, () -> "value " + value);
    }
  }

  @Test
  void marksSayThatNobodyTrainedThem() {
    GeneratedWeights weights = weights(5, weight("w", NORMAL, 2));

    assertEquals("true", weights.metadata().get("untrained"));
    assertEquals("5", weights.metadata().get("seed"));
    assertEquals("tantra-1", weights.metadata().get("generator"));
    assertEquals("here", weights.metadata().get("from"));
    assertTrue(GeneratedWeights.untrained(weights));
  }

  @Test
  void optionalWeightsAreLeftOut() {
    WeightPlan.Weight head =
        new WeightPlan.Weight(new TensorInfo("head", DType.F32, Shape.of(4)), NORMAL, true);
    assertEquals(
        List.of("w"),
        weights(1, weight("w", NORMAL, 2), head).tensors().stream().map(TensorInfo::name).toList());
  }

  private static WeightPlan.Weight weight(String name, Start start, long... shape) {
    return WeightPlan.Weight.of(new TensorInfo(name, DType.F32, Shape.of(shape)), start);
  }

  private static GeneratedWeights weights(long seed, WeightPlan.Weight... weights) {
    return new GeneratedWeights(
        new WeightPlan(List.of(weights), List.of()), seed, Map.of("from", "here"));
  }

  /// Of the last weight.
  private static float[] values(long seed, WeightPlan.Weight... weights) {
    String name = weights[weights.length - 1].info().name();
    try (Arena arena = Arena.ofConfined()) {
      return weights(seed, weights).tensor(name, arena).toFloats();
    }
  }
}
