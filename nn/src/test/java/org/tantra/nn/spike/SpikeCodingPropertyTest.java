package org.tantra.nn.spike;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.tantra.api.Compute;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.spike.SpikeTrain.Coding;

final class SpikeCodingPropertyTest {
  @Property(tries = 100)
  void codedActivationsAreAtMostHalfAThresholdAway(
      @ForAll @IntRange(min = 1, max = 9) int k,
      @ForAll @IntRange(min = 1, max = 50) int width,
      @ForAll long seed) {
    float[] x = values(3 * width, new SplittableRandom(seed));
    float[] coded = x.clone();
    float[] counts = new float[x.length];
    float[] thresholds = new float[3];
    new SpikeCoding(k).apply(coded, 0, 3, width, counts, thresholds);

    for (int i = 0; i < x.length; i++) {
      float threshold = thresholds[i / width];
      assertEquals(Math.rint(counts[i]), counts[i]);
      assertEquals(counts[i] * threshold, coded[i]);
      assertEquals(x[i], coded[i], 0.5001 * threshold);
    }
  }

  @Example
  void tiesGoToTheEvenCountAndSilenceStaysSilent() {
    float[] x = {0.5f, 1.5f, 2.5f, -0.5f, -2.5f, 10.5f, 0, 0, 0, 0, 0, 0};
    float[] counts = new float[12];
    float[] thresholds = new float[2];
    new SpikeCoding(3).apply(x, 0, 2, 6, counts, thresholds);

    assertArrayEquals(new float[] {1, 1e-5f}, thresholds);
    assertArrayEquals(new float[] {0, 2, 2, 0, -2, 10, 0, 0, 0, 0, 0, 0}, addZero(counts));
  }

  /// Makes -0 equal to 0.
  private static float[] addZero(float[] x) {
    float[] y = x.clone();
    for (int i = 0; i < y.length; i++) {
      y[i] += 0f;
    }
    return y;
  }

  @Property(tries = 200)
  void everyTrainStandsForItsCounts(
      @ForAll @Size(max = 20) List<@IntRange(min = -300, max = 300) Integer> list,
      @ForAll Coding coding) {
    int[] counts = list.stream().mapToInt(Integer::intValue).toArray();
    SpikeTrain train = SpikeTrain.of(coding, counts);
    assertArrayEquals(counts, train.counts());
    assertTrue(train.firingRate() >= 0 && train.firingRate() <= 1);
    for (int t = 0; t < train.steps(); t++) {
      for (int i = 0; i < counts.length; i++) {
        assertTrue(Math.abs(train.spike(t, i)) <= 1);
      }
    }
  }

  @Example
  void trainsOfCountsThatNoActivationHasAreRefused() {
    int[] counts = {1 << 25};
    assertThrows(
        IllegalArgumentException.class, () -> SpikeTrain.of(Coding.TWOS_COMPLEMENT, counts));
  }

  @Example
  void statisticsCountSpikesAndSilence() {
    SpikeStatistics statistics = new SpikeStatistics(3);
    assertEquals(Map.of(), statistics.measures());
    statistics.addTokens(2);
    statistics.add(0, new float[] {3, 0, -1, 0, 99}, 4);
    statistics.add(2, new float[] {0, 0, 0, 2}, 4);

    assertEquals(
        Map.of(
            "spikes_per_token", 3.0,
            "spikes_per_activation", 0.75,
            "sparsity", 0.625,
            "sparsity.layer.0", 0.5,
            "sparsity.layer.2", 0.75),
        statistics.measures());
  }

  @Property(tries = 50)
  void roundedLinearMapIsTheFormula(
      @ForAll @IntRange(min = 1, max = 40) int out,
      @ForAll @IntRange(min = 1, max = 4) int groups,
      @ForAll @IntRange(min = 1, max = 6) int tokens,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int in = groups * 7;
    float[] weight = values(out * in, random);
    float[] scales = values(out * groups, random);
    float[] bias = values(out, random);
    float[] x = values(tokens * in, random);
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Math.abs(scales[i]) / 10 + 0.01f;
    }
    RoundedLinear map =
        new RoundedLinear(
            TensorView.of(weight, out, in),
            TensorView.of(scales, out, groups, 1),
            TensorView.of(bias, out),
            Compute.SERIAL);
    float[] y = new float[tokens * out];
    map.apply(y, x, tokens);

    for (int i = 0; i < y.length; i++) {
      int o = i % out;
      double sum = bias[o];
      for (int c = 0; c < in; c++) {
        float scale = scales[o * groups + c / 7];
        float rounded = (float) Math.rint(weight[o * in + c] / scale) * scale;
        sum += (double) rounded * x[i / out * in + c];
      }
      assertEquals(sum, y[i], 1e-4);
    }
  }

  @Example
  void symmetricRoundingKeepsTheLargest() {
    float[] x = {99, -1.27f, 0.004f, 0.006f, 1.0f, 0};
    SymmetricRounding.apply(x, 1, 1, 4);
    assertArrayEquals(new float[] {99, -1.27f, 0, 0.01f, 1.0f, 0}, x, 1e-6f);
  }

  @Example
  void whatMakesNoSenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new SpikeCoding(0));
    TensorView weight = TensorView.of(new float[12], 2, 6);
    TensorView scales = TensorView.of(new float[8], 2, 4);
    assertThrows(
        IllegalArgumentException.class,
        () -> new RoundedLinear(weight, scales, null, Compute.SERIAL));
  }

  private static float[] values(int length, SplittableRandom random) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
