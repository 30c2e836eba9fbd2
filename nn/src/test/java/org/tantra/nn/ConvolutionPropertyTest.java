package org.tantra.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.Compute;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.TwoThreads;

/// Convolutions against their definition.
final class ConvolutionPropertyTest {
  private static final double TOLERANCE = 1e-4;

  @Property(tries = 60)
  void convolutionIsWhatItsDefinitionSays(
      @ForAll @IntRange(min = 1, max = 200) int frames,
      @ForAll @IntRange(min = 1, max = 20) int in,
      @ForAll @IntRange(min = 1, max = 40) int out,
      @ForAll @IntRange(min = 1, max = 7) int kernel,
      @ForAll @IntRange(min = 1, max = 5) int dilation,
      @ForAll @IntRange(max = 9) int padding,
      @ForAll @IntRange(min = 1, max = 3) int stride,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] weight = values(out * in * kernel, random);
    float[] bias = values(out, random);
    float[] x = values(frames * in, random);
    Conv1d stored =
        new Conv1d(
            TensorView.of(weight, out, in, kernel),
            TensorView.of(bias, out),
            dilation,
            padding,
            stride,
            new TwoThreads());

    float[] y = stored.apply(x, frames);

    int results = Math.max(0, stored.frames(frames));
    assertEquals(results * out, y.length);
    for (int t = 0; t < results; t++) {
      for (int o = 0; o < out; o++) {
        double sum = bias[o];
        for (int k = 0; k < kernel; k++) {
          int source = t * stride + k * dilation - padding;
          for (int c = 0; c < in && source >= 0 && source < frames; c++) {
            sum += (double) weight[(o * in + c) * kernel + k] * x[source * in + c];
          }
        }
        assertEquals(sum, y[t * out + o], TOLERANCE);
      }
    }
  }

  @Property(tries = 60)
  void weightByTapsMakesTheSame(
      @ForAll @IntRange(min = 1, max = 200) int frames,
      @ForAll @IntRange(min = 1, max = 20) int in,
      @ForAll @IntRange(min = 1, max = 40) int out,
      @ForAll @IntRange(min = 1, max = 7) int kernel,
      @ForAll @IntRange(min = 1, max = 5) int dilation,
      @ForAll @IntRange(max = 9) int padding,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] weight = values(out * in * kernel, random);
    float[] taps = new float[weight.length];
    for (int i = 0; i < taps.length; i++) {
      int o = i % out;
      int c = i / out % in;
      int k = i / out / in;
      taps[i] = weight[(o * in + c) * kernel + k];
    }
    TensorView bias = TensorView.of(values(out, random), out);
    float[] x = values(frames * in, random);
    Compute threads = new TwoThreads();

    TensorView stored = TensorView.of(weight, out, in, kernel);
    float[] expected = new Conv1d(stored, bias, dilation, padding, threads).apply(x, frames);
    TensorView byTaps = TensorView.of(taps, kernel, in, out);
    float[] actual = Conv1d.ofTaps(byTaps, bias, dilation, padding, threads).apply(x, frames);

    assertClose(expected, actual);
  }

  @Property(tries = 60)
  void transposedConvolutionIsWhatItsDefinitionSays(
      @ForAll @IntRange(min = 1, max = 150) int frames,
      @ForAll @IntRange(min = 1, max = 20) int in,
      @ForAll @IntRange(min = 1, max = 20) int out,
      @ForAll @IntRange(min = 1, max = 9) int kernel,
      @ForAll @IntRange(min = 1, max = 5) int stride,
      @ForAll @IntRange(max = 3) int padding,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] weight = values(in * out * kernel, random);
    float[] bias = values(out, random);
    float[] x = values(frames * in, random);
    TransposedConv1d longer =
        new TransposedConv1d(
            TensorView.of(weight, in, out, kernel),
            TensorView.of(bias, out),
            stride,
            padding,
            Compute.SERIAL);
    int results = longer.frames(frames);
    float[] expected = new float[results * out];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = bias[i % out];
    }
    for (int t = 0; t < frames; t++) {
      for (int k = 0; k < kernel; k++) {
        int result = t * stride + k - padding;
        for (int o = 0; o < out && result >= 0 && result < results; o++) {
          for (int c = 0; c < in; c++) {
            expected[result * out + o] += weight[(c * out + o) * kernel + k] * x[t * in + c];
          }
        }
      }
    }

    assertClose(expected, longer.apply(x, frames));
  }

  @Example
  void weightsOfOtherRanksAreRefused() {
    TensorView flat = TensorView.of(new float[12], 3, 4);
    assertThrows(
        IllegalArgumentException.class, () -> new Conv1d(flat, null, 1, 0, Compute.SERIAL));
    assertThrows(
        IllegalArgumentException.class, () -> Conv1d.ofTaps(flat, null, 1, 0, Compute.SERIAL));
  }

  private static void assertClose(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], TOLERANCE);
    }
  }

  private static float[] values(int count, SplittableRandom random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return values;
  }
}
