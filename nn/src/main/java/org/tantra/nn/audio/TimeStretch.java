package org.tantra.nn.audio;

import java.util.Arrays;

/// Makes speech faster or slower and leaves its pitch: overlaps stretches of the original, each
/// taken where it continues the one before best.
///
/// @see <a href="https://doi.org/10.1109/ICASSP.1993.319366">Verhelst and Roelands 1993 (WSOLA)</a>
public final class TimeStretch {
  /// A stretch of 40 ms holds a few periods of the lowest voice.
  private static final double WINDOW_SECONDS = 0.04;

  /// The best place is looked for within 10 ms on either side, a period of a voice of 100 Hz.
  private static final double SEARCH_SECONDS = 0.01;

  private TimeStretch() {}

  /// @param speed 2 is twice as fast
  /// @return about `samples.length / speed` samples; the same array if the speed is 1
  public static float[] apply(float[] samples, int sampleRateHz, double speed) {
    int half = (int) (WINDOW_SECONDS * sampleRateHz / 2);
    int search = (int) (SEARCH_SECONDS * sampleRateHz);
    int length = (int) Math.round(samples.length / speed);
    if (speed == 1 || half < 1 || samples.length < 4 * half) {
      return samples;
    }
    double[] window = Windows.hann(2 * half);
    float[] out = new float[length + 2 * half];
    // The first stretch lies where it was; each next one follows half a window later.
    int taken = -half;
    add(out, -half, samples, taken, window);
    for (int at = 0; at < length; at += half) {
      int wanted = (int) Math.round(at * speed);
      taken = best(samples, taken + half, wanted, half, search);
      add(out, at, samples, taken, window);
    }
    return Arrays.copyOf(out, length);
  }

  /// The place near `wanted` whose samples are most like those at `natural`, which would have come
  /// next.
  private static int best(float[] samples, int natural, int wanted, int half, int search) {
    int best = wanted;
    double largest = Double.NEGATIVE_INFINITY;
    for (int place = wanted - search; place <= wanted + search; place++) {
      double product = 0;
      double energy = 1e-9;
      for (int i = 0; i < half; i += 2) {
        double there = sample(samples, place + i);
        product += there * sample(samples, natural + i);
        energy += there * there;
      }
      double likeness = product / Math.sqrt(energy);
      if (likeness > largest) {
        largest = likeness;
        best = place;
      }
    }
    return best;
  }

  private static void add(float[] out, int at, float[] samples, int from, double[] window) {
    for (int i = Math.max(0, -at); i < window.length && at + i < out.length; i++) {
      out[at + i] += (float) (window[i] * sample(samples, from + i));
    }
  }

  private static float sample(float[] samples, int index) {
    return index < 0 || index >= samples.length ? 0 : samples[index];
  }
}
