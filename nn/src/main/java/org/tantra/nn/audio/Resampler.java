package org.tantra.nn.audio;

import java.util.Arrays;

/// Changes the sample rate of a stream by band-limited interpolation: a sinc with its cutoff at 97
/// % of the lower Nyquist frequency, under a Kaiser window, 32 zero crossings long.
///
/// These are the defaults of FFmpeg's resampler, with which the reference implementation of Whisper
/// decodes; a difference of some -50 dB remains, from rounding of phases. Any pair of rates. Used
/// by one thread.
///
/// @see <a href="https://ccrma.stanford.edu/~jos/resample/">Smith, Digital Audio Resampling</a>
public final class Resampler {
  private static final double CUTOFF = 0.97;
  private static final int CROSSINGS = 32;
  private static final double KAISER_BETA = 9;

  /// Filters between two input samples; a position between two filters takes the nearer one. Below
  /// this many, rates such as 44.1 to 16 kHz (160 filters) are exact.
  private static final int MOST_PHASES = 2048;

  private final long from;
  private final long to;
  private final int phases;
  private final int taps;
  private final float[][] filters;
  private float[] history;
  private int held;

  /// Index of the input sample that `history[0]` is.
  private long first;

  private long taken;
  private long given;

  /// @throws IllegalArgumentException if a rate is not positive
  public Resampler(int fromHz, int toHz) {
    if (fromHz < 1 || toHz < 1) {
      throw new IllegalArgumentException("from " + fromHz + " to " + toHz + " Hz");
    }
    long common = gcd(fromHz, toHz);
    this.from = fromHz / common;
    this.to = toHz / common;
    double factor = Math.min(1, CUTOFF * toHz / fromHz);
    this.phases = (int) Math.min(to, MOST_PHASES);
    this.taps = from == to ? 1 : (int) Math.ceil(CROSSINGS / factor / 2) * 2;
    this.filters = new float[from == to ? 0 : phases][];
    this.history = new float[4 * taps];
    for (int phase = 0; phase < filters.length; phase++) {
      filters[phase] = filter((double) phase / phases, factor);
    }
    // Silence before the first sample.
    this.first = 1L - taps / 2;
    this.held = taps / 2 - 1;
  }

  private float[] filter(double phase, double factor) {
    double[] values = new double[taps];
    double sum = 0;
    for (int i = 0; i < taps; i++) {
      double x = (i - (taps / 2 - 1) - phase) * factor;
      double sinc = x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      double w = 2 * x / (factor * taps);
      values[i] = sinc * bessel(KAISER_BETA * Math.sqrt(Math.max(1 - w * w, 0)));
      sum += values[i];
    }
    float[] filter = new float[taps];
    for (int i = 0; i < taps; i++) {
      filter[i] = (float) (values[i] / sum);
    }
    return filter;
  }

  /// Modified Bessel function of the first kind and order 0, by its series.
  private static double bessel(double x) {
    double term = 1;
    double sum = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
      term *= x * x / (4.0 * k * k);
      sum += term;
    }
    return sum;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /// Takes in the next samples.
  ///
  /// @return the samples that follow from them, in an array of their own; often none at first
  public float[] add(float[] samples, int length) {
    if (from == to) {
      return Arrays.copyOf(samples, length);
    }
    taken += length;
    append(samples, length);
    return drain(Long.MAX_VALUE);
  }

  /// Ends the stream.
  ///
  /// @return what remains; `ceil(taken · to / from)` samples have been given then in all
  public float[] finish() {
    if (from == to) {
      return new float[0];
    }
    long total = Math.ceilDiv(taken * to, from);
    append(new float[taps], taps);
    return drain(total);
  }

  private void append(float[] samples, int length) {
    if (held + length > history.length) {
      history = Arrays.copyOf(history, Math.max(held + length, 2 * history.length));
    }
    System.arraycopy(samples, 0, history, held, length);
    held += length;
  }

  /// Gives all samples whose filter lies within what is held.
  private float[] drain(long total) {
    long ready = Math.max(0, ((first + held - taps / 2) * to - 1) / from + 1);
    int count = (int) Math.max(0, Math.min(ready, total) - given);
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      long position = (given + i) * from;
      long phase = Math.floorMod(position, to) * phases / to;
      int at = (int) (position / to - (taps / 2 - 1) - first);
      float[] filter = filters[(int) phase];
      float sum = 0;
      for (int t = 0; t < taps; t++) {
        sum += filter[t] * history[at + t];
      }
      out[i] = sum;
    }
    given += count;
    forget();
    return out;
  }

  private void forget() {
    long needed = given * from / to - (taps / 2 - 1);
    int gone = (int) Math.max(0, Math.min(held, needed - first));
    System.arraycopy(history, gone, history, 0, held - gone);
    held -= gone;
    first += gone;
  }
}
