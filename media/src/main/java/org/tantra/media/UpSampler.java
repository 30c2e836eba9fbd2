package org.tantra.media;

import java.util.Arrays;

/// Mono sound at a higher rate: a windowed sinc for each of the positions that a new sample can
/// have between two old ones. A rate that is lowered would need a low-pass filter first, which this
/// has for rates above the new one as well.
final class UpSampler {
  /// Old samples on each side of a new one that it is made of.
  private static final int REACH = 24;

  private final int up;
  private final int down;
  private final float[][] filters;
  private float[] held = new float[REACH - 1];

  /// Index of the next new sample, counted in steps of `1 / up` old samples from `held[REACH - 1]`.
  private long position;

  UpSampler(int fromHz, int toHz) {
    int divisor = greatestCommon(fromHz, toHz);
    this.up = toHz / divisor;
    this.down = fromHz / divisor;
    this.filters = new float[up][2 * REACH];
    double cut = Math.min(1, (double) up / down);
    for (int phase = 0; phase < up; phase++) {
      double sum = 0;
      for (int i = 0; i < 2 * REACH; i++) {
        double x = i - (REACH - 1) - (double) phase / up;
        double window = 0.5 + 0.5 * Math.cos(Math.PI * x / REACH);
        double angle = Math.PI * cut * x;
        double value = (angle == 0 ? 1 : Math.sin(angle) / angle) * window;
        filters[phase][i] = (float) value;
        sum += value;
      }
      for (int i = 0; i < 2 * REACH; i++) {
        filters[phase][i] /= (float) sum;
      }
    }
  }

  private static int greatestCommon(int a, int b) {
    return b == 0 ? a : greatestCommon(b, a % b);
  }

  /// The new samples that are decided by now.
  float[] add(float[] more) {
    int before = held.length;
    held = Arrays.copyOf(held, before + more.length);
    System.arraycopy(more, 0, held, before, more.length);
    int whole = held.length - (2 * REACH - 1);
    int count =
        whole <= 0 ? 0 : (int) Math.max(0, Math.ceilDiv((long) whole * up - position, down));
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      int at = (int) (position / up);
      float[] filter = filters[(int) (position % up)];
      float sum = 0;
      for (int k = 0; k < filter.length; k++) {
        sum += held[at + k] * filter[k];
      }
      out[i] = sum;
      position += down;
    }
    int gone = (int) Math.min(held.length, position / up);
    held = Arrays.copyOfRange(held, gone, held.length);
    position -= (long) gone * up;
    return out;
  }

  /// The rest, as if silence followed.
  float[] finish() {
    return add(new float[REACH]);
  }
}
