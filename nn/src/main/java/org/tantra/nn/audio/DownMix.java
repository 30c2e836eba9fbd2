package org.tantra.nn.audio;

import java.util.Arrays;

/// Several channels to one.
///
/// The mean of all, except for 5.1 and 7.1 in the order of WAVE files: there the centre has weight
/// 1, front left and right `1/√2`, surrounds ½, the low-frequency channel 0, and the sum is scaled
/// to 1, as FFmpeg mixes.
public final class DownMix {
  private static final float SIDE = (float) Math.sqrt(0.5);

  private final float[] weights;

  /// @throws IllegalArgumentException if there are no channels
  public DownMix(int channels) {
    if (channels < 1) {
      throw new IllegalArgumentException("channels: " + channels);
    }
    this.weights =
        switch (channels) {
          case 6 -> new float[] {SIDE, SIDE, 1, 0, 0.5f, 0.5f};
          case 8 -> new float[] {SIDE, SIDE, 1, 0, 0.5f, 0.5f, 0.5f, 0.5f};
          default -> {
            float[] equal = new float[channels];
            Arrays.fill(equal, 1);
            yield equal;
          }
        };
    float sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    for (int c = 0; c < channels; c++) {
      weights[c] /= sum;
    }
  }

  /// @param interleaved `[frames, channels]`
  /// @return `[frames]`
  public float[] apply(float[] interleaved, int frames) {
    int channels = weights.length;
    float[] mono = new float[frames];
    for (int f = 0; f < frames; f++) {
      float sum = 0;
      for (int c = 0; c < channels; c++) {
        sum += weights[c] * interleaved[f * channels + c];
      }
      mono[f] = sum;
    }
    return mono;
  }
}
