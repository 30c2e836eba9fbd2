package org.tantra.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Compute;
import org.tantra.api.tensor.TensorView;

/// Layers that carry a state: a row in pieces gives what the whole row gives.
final class RecurrentLayersTest {
  private static final int TOKENS = 9;
  private static final int CHANNELS = 150;

  private final Random random = new Random(5);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 12})
  void convolutionIsCausalAndPadsWithZeros(int kernel) {
    float[] weight = randoms(CHANNELS * kernel);
    float[] bias = randoms(CHANNELS);
    float[] x = randoms(TOKENS * CHANNELS);
    CausalConv convolution =
        new CausalConv(TensorView.of(weight, CHANNELS, 1, kernel), TensorView.of(bias, CHANNELS));
    float[] expected = new float[x.length];
    for (int t = 0; t < TOKENS; t++) {
      for (int c = 0; c < CHANNELS; c++) {
        double sum = bias[c];
        for (int back = 0; back < kernel && back <= t; back++) {
          sum += weight[c * kernel + kernel - 1 - back] * x[(t - back) * CHANNELS + c];
        }
        expected[t * CHANNELS + c] = (float) sum;
      }
    }

    float[] whole = new float[x.length];
    convolution.apply(whole, x, TOKENS, List.of(convolution.newWindow()));
    assertArrayEquals(expected, whole, 1e-5f);

    List<float[]> window = List.of(convolution.newWindow());
    float[] pieces =
        inPieces(CHANNELS, x, (y, in, tokens) -> convolution.apply(y, in, tokens, window));
    assertArrayEquals(whole, pieces);
  }

  @Test
  void selectiveScanOnThreadsOrInPiecesIsTheWholeScanBitForBit() {
    int state = 16;
    TensorView aLog = TensorView.of(randoms(CHANNELS * state), CHANNELS, state);
    TensorView d = TensorView.of(randoms(CHANNELS), CHANNELS);
    float[] x = randoms(TOKENS * CHANNELS);
    float[] dt = positive(TOKENS * CHANNELS);
    float[] bc = randoms(TOKENS * 2 * state);
    SelectiveScan serial = new SelectiveScan(aLog, d, Compute.SERIAL);
    TwoThreads two = new TwoThreads();
    SelectiveScan threaded = new SelectiveScan(aLog, d, two);

    float[] whole = new float[x.length];
    serial.apply(whole, x, dt, bc, TOKENS, List.of(serial.newState()));
    float[] shared = new float[x.length];
    threaded.apply(shared, x, dt, bc, TOKENS, List.of(threaded.newState()));
    float[] pieces = new float[x.length];
    List<float[]> h = List.of(serial.newState());
    for (int t = 0; t < TOKENS; t++) {
      float[] y = new float[CHANNELS];
      serial.apply(
          y,
          Arrays.copyOfRange(x, t * CHANNELS, (t + 1) * CHANNELS),
          Arrays.copyOfRange(dt, t * CHANNELS, (t + 1) * CHANNELS),
          Arrays.copyOfRange(bc, t * 2 * state, (t + 1) * 2 * state),
          1,
          h);
      System.arraycopy(y, 0, pieces, t * CHANNELS, CHANNELS);
    }

    assertEquals(2, two.mostParts);
    assertArrayEquals(whole, shared);
    assertArrayEquals(whole, pieces);
  }

  @Test
  void headScanFollowsItsFormulaWithSharedGroups() {
    int heads = 4;
    int headDim = 64;
    int groups = 2;
    int state = 32;
    int inner = heads * headDim;
    int stride = inner + 2 * groups * state;
    float[] aLog = randoms(heads);
    float[] d = randoms(heads);
    float[] xbc = randoms(TOKENS * stride);
    float[] dt = positive(TOKENS * heads);
    double[][][] h = new double[heads][headDim][state];
    float[] expected = new float[TOKENS * inner];
    for (int t = 0; t < TOKENS; t++) {
      for (int head = 0; head < heads; head++) {
        double step = dt[t * heads + head];
        int bAt = t * stride + inner + head / 2 * state;
        for (int p = 0; p < headDim; p++) {
          double in = xbc[t * stride + head * headDim + p];
          double y = d[head] * in;
          for (int s = 0; s < state; s++) {
            h[head][p][s] =
                Math.exp(-step * Math.exp(aLog[head])) * h[head][p][s] + step * in * xbc[bAt + s];
            y += h[head][p][s] * xbc[bAt + groups * state + s];
          }
          expected[t * inner + head * headDim + p] = (float) y;
        }
      }
    }
    TwoThreads two = new TwoThreads();
    HeadScan scan =
        new HeadScan(
            TensorView.of(aLog, heads), TensorView.of(d, heads), headDim, groups, state, two);

    float[] actual = new float[expected.length];
    scan.apply(actual, xbc, dt, TOKENS, List.of(scan.newState()));

    assertEquals(2, two.mostParts);
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(
          new float[] {expected[i]},
          new float[] {actual[i]},
          1e-4f * Math.max(1, Math.abs(expected[i])));
    }
  }

  @Test
  void groupedNormTreatsEachGroupAlone() {
    float[] gain = randoms(6);
    float[] x = {1, 2, 3, 100, 200, 300};
    float[] y = new float[6];

    new RmsNorm(TensorView.of(gain, 6), 2, 0).apply(y, x, 1);

    for (int i = 0; i < 3; i++) {
      assertArrayEquals(new float[] {y[i] / gain[i]}, new float[] {y[i + 3] / gain[i + 3]}, 1e-5f);
    }
  }

  @Test
  void shapesThatDoNotFitAreRefused() {
    TensorView flat = TensorView.of(new float[6], 6);
    TensorView wide = TensorView.of(new float[12], 3, 2, 2);
    assertThrows(IllegalArgumentException.class, () -> new CausalConv(wide, null));
    assertThrows(
        IllegalArgumentException.class, () -> new SelectiveScan(flat, flat, Compute.SERIAL));
    assertThrows(
        IllegalArgumentException.class, () -> new HeadScan(flat, flat, 2, 4, 2, Compute.SERIAL));
    assertThrows(IllegalArgumentException.class, () -> new RmsNorm(flat, 4, 0));
  }

  private interface Layer {
    void apply(float[] y, float[] x, int tokens);
  }

  /// Rows of 1, 3 and the remaining tokens.
  private static float[] inPieces(int width, float[] x, Layer layer) {
    float[] all = new float[x.length];
    int[] bounds = {0, 1, 4, x.length / width};
    for (int i = 0; i + 1 < bounds.length; i++) {
      int tokens = bounds[i + 1] - bounds[i];
      float[] y = new float[tokens * width];
      layer.apply(y, Arrays.copyOfRange(x, bounds[i] * width, bounds[i + 1] * width), tokens);
      System.arraycopy(y, 0, all, bounds[i] * width, y.length);
    }
    return all;
  }

  private float[] randoms(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private float[] positive(int length) {
    float[] values = randoms(length);
    for (int i = 0; i < length; i++) {
      values[i] = Math.abs(values[i]);
    }
    return values;
  }

  /// Claims two threads and runs the parts in reverse order.
  private static final class TwoThreads implements Compute {
    private int mostParts;

    @Override
    public int threads() {
      return 2;
    }

    @Override
    public void parallel(int parts, Part body) {
      mostParts = Math.max(mostParts, parts);
      for (int part = parts - 1; part >= 0; part--) {
        body.run(part);
      }
    }
  }
}
