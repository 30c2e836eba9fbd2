package org.tantra.nn.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RealFftTest {
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 6, 8, 10, 14, 16, 22, 30, 64, 98, 202, 256, 400, 480, 512, 1024, 2048})
  void agreesWithTheDefinitionAndItsInverse(int size) {
    double[] x = noise(size);
    RealFft fft = new RealFft(size);
    double[] re = new double[fft.bins()];
    double[] im = new double[fft.bins()];

    fft.forward(x, re, im);

    double[] expectedRe = new double[fft.bins()];
    double[] expectedIm = new double[fft.bins()];
    for (int k = 0; k < fft.bins(); k++) {
      for (int n = 0; n < size; n++) {
        double angle = -2 * Math.PI * ((long) k * n % size) / size;
        expectedRe[k] += x[n] * Math.cos(angle);
        expectedIm[k] += x[n] * Math.sin(angle);
      }
    }
    assertArrayEquals(expectedRe, re, 1e-9);
    assertArrayEquals(expectedIm, im, 1e-9);
    double[] back = new double[size];
    fft.inverse(re, im, back);
    assertArrayEquals(x, back, 1e-12);
  }

  @Test
  void oddSizesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RealFft(401));
  }

  @Test
  void samplesComeBackFromTheirFrames() {
    double[] noise = noise(1000);
    float[] samples = new float[noise.length];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) noise[i];
    }
    for (boolean reflect : new boolean[] {true, false}) {
      Stft stft = new Stft(256, 64, 200, reflect);
      assertArrayEquals(samples, stft.inverse(stft.forward(samples), samples.length), 1e-5f);
    }
  }

  private static double[] noise(int size) {
    Random random = new Random(size);
    double[] x = new double[size];
    for (int i = 0; i < size; i++) {
      x[i] = random.nextGaussian();
    }
    return x;
  }
}
