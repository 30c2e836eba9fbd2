package org.tantra.plugin.whisper;

/// The encoder's vectors of a window as one.
final class PooledAudio {
  private PooledAudio() {}

  /// The mean of the first positions.
  ///
  /// @param audio `[positions, hidden]`
  /// @param count how many positions, at least 1
  /// @return `[hidden]`
  static float[] mean(float[] audio, int count, WhisperConfig config) {
    int hidden = config.hidden();
    float[] mean = new float[hidden];
    for (int i = 0; i < hidden; i++) {
      double sum = 0;
      for (int t = 0; t < count; t++) {
        sum += audio[t * hidden + i];
      }
      mean[i] = (float) (sum / count);
    }
    return mean;
  }
}
