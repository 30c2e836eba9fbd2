package org.tantra.nn.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The vector kernels against their scalar twins.
final class StateSpaceKernelsTest {
  private static final int OFFSET = 3;
  private static final int STATE = 5;

  private final StateSpaceKernels scalar = new ScalarStateSpaceKernels();
  private final StateSpaceKernels vector = new VectorStateSpaceKernels();
  private final Random random = new Random(17);

  static IntStream lengths() {
    int lanes = FloatVector.SPECIES_PREFERRED.length();
    return IntStream.of(0, 1, lanes - 1, lanes, lanes + 1, 2 * lanes + 3);
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void rmsNormAgrees(int length) {
    float[] x = randoms(length + OFFSET, 2);
    float[] gain = randoms(length + 1, 1);
    float[] expected = new float[x.length];
    float[] actual = new float[x.length];

    scalar.rmsNorm(expected, OFFSET, x, OFFSET, gain, 1, length, 1e-5f);
    vector.rmsNorm(actual, OFFSET, x, OFFSET, gain, 1, length, 1e-5f);

    assertArrayEquals(expected, actual, 1e-5f);
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void softplusAgreesToRelativePrecision(int length) {
    float[] expected = randoms(length + OFFSET, 40);
    float[] actual = expected.clone();

    scalar.softplus(expected, OFFSET, length);
    vector.softplus(actual, OFFSET, length);

    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1e-6 * Math.abs(expected[i]));
    }
  }

  @Test
  void softplusOfExtremesIsItsLimit() {
    float[] x = {Float.NEGATIVE_INFINITY, -200, -0f, 200, Float.POSITIVE_INFINITY, Float.NaN};
    float[] log2 = {0, 0, (float) Math.log(2), 200, Float.POSITIVE_INFINITY, Float.NaN};
    float[] other = x.clone();

    scalar.softplus(x, 0, x.length);
    vector.softplus(other, 0, other.length);

    assertArrayEquals(log2, x, 1e-7f);
    assertArrayEquals(log2, other, 1e-7f);
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void elementwiseKernelsAgree(int length) {
    float[] a = randoms(length + OFFSET, 3);
    float[] b = randoms(length + 1, 3);
    float[] expected = randoms(length + 2, 3);
    float[] actual = expected.clone();

    scalar.multiplyAdd(expected, 2, a, OFFSET, b, 1, length);
    vector.multiplyAdd(actual, 2, a, OFFSET, b, 1, length);
    assertArrayEquals(expected, actual, 1e-5f);

    scalar.sigmoidGate(expected, 2, a, OFFSET, b, 1, length);
    vector.sigmoidGate(actual, 2, a, OFFSET, b, 1, length);
    assertArrayEquals(expected, actual, 1e-5f);
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void selectiveStepsAgree(int channels) {
    float[] a = randoms(STATE * channels, 1);
    for (int i = 0; i < a.length; i++) {
      a[i] = -Math.abs(a[i]) - 0.1f;
    }
    float[] d = randoms(channels, 1);
    float[] expectedState = randoms(STATE * channels, 1);
    float[] actualState = expectedState.clone();
    float[] expected = new float[channels + OFFSET];
    float[] actual = new float[channels + OFFSET];
    for (int t = 0; channels > 0 && t < 4; t++) {
      float[] x = randoms(channels + 1, 1);
      float[] dt = randoms(channels + 2, 1);
      for (int i = 0; i < dt.length; i++) {
        dt[i] = Math.abs(dt[i]);
      }
      float[] bc = randoms(2 * STATE + 1, 1);
      scalar.selectiveStep(
          expected, OFFSET, x, 1, dt, 2, bc, 1, a, d, expectedState, channels, 0, channels);
      vector.selectiveStep(
          actual, OFFSET, x, 1, dt, 2, bc, 1, a, d, actualState, channels, 0, channels);
    }

    assertArrayEquals(expected, actual, 1e-4f);
    assertArrayEquals(expectedState, actualState, 1e-4f);
  }

  @Test
  void selectiveStepStaysInsideItsChannels() {
    int channels = 40;
    float[] y = new float[channels];
    float[] ones = new float[channels * STATE];
    Arrays.fill(ones, 1);

    vector.selectiveStep(
        y, 0, ones, 0, ones, 0, ones, 0, ones.clone(), ones, ones.clone(), channels, 7, 24);

    for (int c = 0; c < channels; c++) {
      assertEquals(c >= 7 && c < 24, y[c] != 0, "channel " + c);
    }
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void headStepsAgree(int headDim) {
    float[] expectedState = randoms(STATE * headDim + OFFSET, 1);
    float[] actualState = expectedState.clone();
    float[] x = randoms(headDim + 1, 1);
    float[] bc = randoms(2 * STATE + 1, 1);
    float[] expected = new float[headDim + 2];
    float[] actual = new float[headDim + 2];

    scalar.headStep(
        expected,
        2,
        x,
        1,
        headDim,
        0.9f,
        0.3f,
        0.7f,
        bc,
        1,
        1 + STATE,
        expectedState,
        OFFSET,
        STATE);
    vector.headStep(
        actual, 2, x, 1, headDim, 0.9f, 0.3f, 0.7f, bc, 1, 1 + STATE, actualState, OFFSET, STATE);

    assertArrayEquals(expected, actual, 1e-5f);
    assertArrayEquals(expectedState, actualState, 1e-5f);
  }

  @Test
  void notANumberStaysOneAndInItsLane() {
    float[] x = randoms(19, 1);
    x[4] = Float.NaN;
    float[] gate = x.clone();

    vector.softplus(x, 0, x.length);
    vector.sigmoidGate(gate, 0, gate, 0, gate, 0, gate.length);

    for (int i = 0; i < x.length; i++) {
      assertTrue(Float.isNaN(x[i]) == (i == 4) && Float.isNaN(gate[i]) == (i == 4), "lane " + i);
    }
  }

  private float[] randoms(int length, float scale) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian() * scale;
    }
    return values;
  }
}
