package org.tantra.nn.audio;

/// Triangular filters that sum the bins of a spectrum to bands equally wide to the ear: Slaney's
/// scale, each filter of the same area.
///
/// `mel(f) = 3f / 200` below 1000 Hz, `15 + 27 ln(f / 1000) / ln(6.4)` above; row `i` is scaled by
/// `2 / (f[i+2] - f[i])`. Immutable.
///
/// @see <a href="https://engineering.purdue.edu/~malcolm/interval/1998-010/">Slaney 1998, Auditory
///   Toolbox</a>
public final class MelFilterbank {
  /// Hz at which the scale turns from linear to logarithmic.
  private static final double CORNER_HZ = 1000;

  private static final double HZ_PER_MEL = 200.0 / 3;
  private static final double CORNER_MELS = CORNER_HZ / HZ_PER_MEL;
  private static final double LOG_STEP = Math.log(6.4) / 27;

  private final int bins;
  private final float[][] filters;
  private final int[] from;
  private final int[] until;

  /// @param sampleRateHz of the sound
  /// @param fftSize samples of a frame; there are `fftSize / 2 + 1` bins
  /// @param mels how many filters
  /// @param lowHz lower end of the first filter
  /// @param highHz upper end of the last one
  public MelFilterbank(int sampleRateHz, int fftSize, int mels, double lowHz, double highHz) {
    if (mels < 1 || !(lowHz >= 0) || !(highHz > lowHz)) {
      throw new IllegalArgumentException(mels + " filters from " + lowHz + " to " + highHz + " Hz");
    }
    this.bins = fftSize / 2 + 1;
    this.filters = new float[mels][bins];
    this.from = new int[mels];
    this.until = new int[mels];
    double low = toMels(lowHz);
    double step = (toMels(highHz) - low) / (mels + 1);
    for (int i = 0; i < mels; i++) {
      fill(
          i,
          (double) sampleRateHz / fftSize,
          toHz(low + i * step),
          toHz(low + (i + 1) * step),
          toHz(low + (i + 2) * step));
    }
  }

  private void fill(int row, double hzPerBin, double left, double middle, double right) {
    double area = 2 / (right - left);
    from[row] = bins;
    for (int bin = 0; bin < bins; bin++) {
      double hz = bin * hzPerBin;
      double value = Math.min((hz - left) / (middle - left), (right - hz) / (right - middle));
      if (value > 0) {
        filters[row][bin] = (float) (value * area);
        from[row] = Math.min(from[row], bin);
        until[row] = bin + 1;
      }
    }
  }

  private static double toMels(double hz) {
    return hz < CORNER_HZ ? hz / HZ_PER_MEL : CORNER_MELS + Math.log(hz / CORNER_HZ) / LOG_STEP;
  }

  private static double toHz(double mels) {
    return mels < CORNER_MELS
        ? mels * HZ_PER_MEL
        : CORNER_HZ * Math.exp(LOG_STEP * (mels - CORNER_MELS));
  }

  /// How many filters.
  public int mels() {
    return filters.length;
  }

  /// How many bins each reads.
  public int bins() {
    return bins;
  }

  /// All filters, `[mels, bins]`, copied.
  public float[] toFloats() {
    float[] all = new float[mels() * bins];
    for (int i = 0; i < mels(); i++) {
      System.arraycopy(filters[i], 0, all, i * bins, bins);
    }
    return all;
  }

  /// Sums the bins of one frame.
  ///
  /// @param out `[mels]`, overwritten
  /// @param spectrum magnitudes or powers, `[bins]`
  public void apply(double[] out, double[] spectrum) {
    for (int i = 0; i < filters.length; i++) {
      double sum = 0;
      float[] filter = filters[i];
      for (int bin = from[i]; bin < until[i]; bin++) {
        sum += filter[bin] * spectrum[bin];
      }
      out[i] = sum;
    }
  }
}
