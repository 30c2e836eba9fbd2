package org.tantra.plugin.lite;

/// What a recording's log-mel frames have in common: for each band its mean over time beside the
/// mean of all bands, how far it strays from its mean, and how much it changes from one frame to
/// the next. A louder copy adds the same to every frame and band, and so changes nothing.
final class BandStatistics {
  static final int BANDS = 80;

  private final double[] sums = new double[BANDS];
  private final double[] squares = new double[BANDS];
  private final double[] changes = new double[BANDS];
  private float[] before = new float[0];
  private long frames;

  /// @param frame `[80]`, kept
  void add(float[] frame) {
    for (int i = 0; i < BANDS; i++) {
      sums[i] += frame[i];
      squares[i] += (double) frame[i] * frame[i];
      changes[i] += before.length == 0 ? 0 : Math.abs(frame[i] - before[i]);
    }
    before = frame;
    frames++;
  }

  /// @return `[240]`: means, deviations, changes, each brought to the same weight
  float[] vector() {
    double mean = 0;
    for (double sum : sums) {
      mean += sum / frames / BANDS;
    }
    double[] means = new double[BANDS];
    double[] deviations = new double[BANDS];
    double[] steps = new double[BANDS];
    for (int i = 0; i < BANDS; i++) {
      double own = sums[i] / frames;
      means[i] = own - mean;
      deviations[i] = Math.sqrt(Math.max(0, squares[i] / frames - own * own));
      steps[i] = changes[i] / frames;
    }
    float[] vector = new float[3 * BANDS];
    double[][] parts = {means, deviations, steps};
    for (int part = 0; part < parts.length; part++) {
      double length = 0;
      for (double value : parts[part]) {
        length += value * value;
      }
      for (int i = 0; i < BANDS && length > 0; i++) {
        vector[part * BANDS + i] = (float) (parts[part][i] / Math.sqrt(length));
      }
    }
    return vector;
  }
}
