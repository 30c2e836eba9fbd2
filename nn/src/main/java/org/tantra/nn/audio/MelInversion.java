package org.tantra.nn.audio;

/// Guesses a spectrum from its mel bands: the shortest vector that has these bands, the
/// pseudo-inverse `Bᵀ (B Bᵀ)⁻¹` of the filterbank.
///
/// Filters that reach no bin, or that others make up, count for nothing. Immutable.
public final class MelInversion {
  /// Share of a filter's own energy below which what others leave of it is rounding.
  private static final double NEGLIGIBLE = 1e-12;

  private final double[] filters;
  private final double[] lower;
  private final int mels;
  private final int bins;

  public MelInversion(MelFilterbank filterbank) {
    this.mels = filterbank.mels();
    this.bins = filterbank.bins();
    float[] floats = filterbank.toFloats();
    this.filters = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      filters[i] = floats[i];
    }
    this.lower = cholesky();
  }

  /// `L` with `L Lᵀ = B Bᵀ`; rows of filters that do not count are 0.
  private double[] cholesky() {
    double[] factor = new double[mels * mels];
    for (int row = 0; row < mels; row++) {
      for (int column = 0; column <= row; column++) {
        double own = product(row, column);
        double rest = own;
        for (int k = 0; k < column; k++) {
          rest -= factor[row * mels + k] * factor[column * mels + k];
        }
        if (row == column) {
          factor[row * mels + row] = rest > NEGLIGIBLE * own ? Math.sqrt(rest) : 0;
        } else {
          double pivot = factor[column * mels + column];
          factor[row * mels + column] = pivot == 0 ? 0 : rest / pivot;
        }
      }
      if (factor[row * mels + row] == 0) {
        for (int column = 0; column < row; column++) {
          factor[row * mels + column] = 0;
        }
      }
    }
    return factor;
  }

  private double product(int a, int b) {
    double sum = 0;
    for (int bin = 0; bin < bins; bin++) {
      sum += filters[a * bins + bin] * filters[b * bins + bin];
    }
    return sum;
  }

  /// How many bins a spectrum has.
  public int bins() {
    return bins;
  }

  /// @param spectrum overwritten from `at` on; may get values below 0
  /// @param bands `[mels]`
  public void apply(double[] spectrum, int at, double[] bands) {
    double[] x = new double[mels];
    for (int row = 0; row < mels; row++) {
      double pivot = lower[row * mels + row];
      double rest = bands[row];
      for (int k = 0; k < row; k++) {
        rest -= lower[row * mels + k] * x[k];
      }
      x[row] = pivot == 0 ? 0 : rest / pivot;
    }
    for (int row = mels - 1; row >= 0; row--) {
      double pivot = lower[row * mels + row];
      double rest = x[row];
      for (int k = row + 1; k < mels; k++) {
        rest -= lower[k * mels + row] * x[k];
      }
      x[row] = pivot == 0 ? 0 : rest / pivot;
    }
    for (int bin = 0; bin < bins; bin++) {
      double sum = 0;
      for (int row = 0; row < mels; row++) {
        sum += filters[row * bins + bin] * x[row];
      }
      spectrum[at + bin] = sum;
    }
  }
}
