package org.tantra.nn.audio;

import java.util.Random;
import org.tantra.api.Cancellation;

/// Finds samples whose short-time spectrum has given magnitudes: begins with any phases and keeps,
/// round by round, the phases that the samples so far have.
///
/// Used by one thread.
///
/// @see <a href="https://doi.org/10.1109/TASSP.1984.1164317">Griffin and Lim 1984</a>
public final class GriffinLim {
  private final Stft stft;
  private final int hop;

  /// @param size samples of a frame, even
  /// @param hop samples between frames
  /// @param windowSamples length of the window, at most `size`
  public GriffinLim(int size, int hop, int windowSamples) {
    this.stft = new Stft(size, hop, windowSamples, true);
    this.hop = hop;
  }

  /// Phases to begin with, the same for the same seed, in turns: 1 is a full circle.
  ///
  /// @return `[frames, bins]`
  public double[] phases(int frames, long seed) {
    Random random = new Random(seed);
    double[] turns = new double[Math.multiplyExact(frames, stft.bins())];
    for (int i = 0; i < turns.length; i++) {
      turns[i] = random.nextDouble();
    }
    return turns;
  }

  /// @param magnitudes `[frames, bins]`
  /// @param turns phases to begin with, `[frames, bins]`
  /// @return `hop · (frames - 1)` samples
  public float[] run(double[] magnitudes, double[] turns, int rounds, Cancellation cancellation) {
    int frames = magnitudes.length / stft.bins();
    int samples = hop * (frames - 1);
    Stft.Spectrum spectrum = new Stft.Spectrum(frames, stft.bins());
    for (int i = 0; i < magnitudes.length; i++) {
      spectrum.re()[i] = magnitudes[i] * Math.cos(2 * Math.PI * turns[i]);
      spectrum.im()[i] = magnitudes[i] * Math.sin(2 * Math.PI * turns[i]);
    }
    float[] wave = stft.inverse(spectrum, samples);
    for (int round = 0; round < rounds; round++) {
      cancellation.check();
      spectrum = stft.forward(wave);
      restore(spectrum, magnitudes);
      wave = stft.inverse(spectrum, samples);
    }
    return wave;
  }

  private static void restore(Stft.Spectrum spectrum, double[] magnitudes) {
    double[] re = spectrum.re();
    double[] im = spectrum.im();
    for (int i = 0; i < magnitudes.length; i++) {
      double length = Math.hypot(re[i], im[i]);
      // Where nothing is heard, the phase counts as 0.
      re[i] = length == 0 ? magnitudes[i] : re[i] / length * magnitudes[i];
      im[i] = length == 0 ? 0 : im[i] / length * magnitudes[i];
    }
  }
}
