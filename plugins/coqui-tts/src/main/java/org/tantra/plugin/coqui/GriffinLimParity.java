package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.nn.audio.GriffinLim;
import org.tantra.nn.audio.Stft;
import org.tantra.nn.parity.Comparison;

/// Compares Griffin and Lim's method with the reference, from given phases on. Rounds amplify
/// rounding, so each count of rounds has its own tolerance, and what they come to is compared as
/// well: the spectral convergence, `‖|STFT(wave)| - magnitudes‖ / ‖magnitudes‖`, with zeros around
/// the wave.
public final class GriffinLimParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("griffin-lim");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    Settings expected = golden.expected();
    int size = expected.integer("fft_size");
    int hop = expected.integer("hop_length");
    int window = expected.integer("win_length");
    List<Integer> rounds = expected.integers("iterations");
    Comparison inputs = new Comparison(golden, 0, 0);
    int bins = size / 2 + 1;
    double[] magnitudes = doubles(HifiGanParity.turned(inputs.floats("in.magnitude"), bins));
    double[] turns = doubles(HifiGanParity.turned(inputs.floats("in.phase_turns"), bins));
    List<Finding> findings = new ArrayList<>();
    for (int count : rounds) {
      Comparison comparison = new Comparison(golden, tolerance(expected, rounds, count), 0);
      float[] wave =
          new GriffinLim(size, hop, window).run(magnitudes, turns, count, Cancellation.NEVER);
      comparison.check("out.wave." + count, wave);
      findings.addAll(comparison.findings());
      Comparison convergence =
          new Comparison(
              golden, 0, expected.section("tolerance").number("spectral_convergence_rel", 0.02));
      String key = Integer.toString(count);
      if (expected.section("spectral_convergence").has(key)) {
        convergence.checkNumber(
            "spectral convergence " + count,
            convergence(new Stft(size, hop, window, false).forward(wave), magnitudes),
            expected.section("spectral_convergence").number(key));
      }
      findings.addAll(convergence.findings());
    }
    return findings;
  }

  private static double convergence(Stft.Spectrum spectrum, double[] magnitudes) {
    double off = 0;
    double all = 0;
    for (int i = 0; i < magnitudes.length; i++) {
      double magnitude = Math.hypot(spectrum.re()[i], spectrum.im()[i]);
      off += Math.pow(magnitude - magnitudes[i], 2);
      all += Math.pow(magnitudes[i], 2);
    }
    return Math.sqrt(off / all);
  }

  private static double tolerance(Settings expected, List<Integer> rounds, int count) {
    Settings tolerance = expected.section("tolerance");
    if (count == 0) {
      return tolerance.number("iterations_0", 1e-4);
    }
    double few = tolerance.number("iterations_small", 1e-3);
    boolean most = rounds.stream().allMatch(other -> other <= count);
    return most ? Math.max(few, tolerance.number("max_abs_last", few)) : few;
  }

  private static double[] doubles(float[] x) {
    double[] doubles = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      doubles[i] = x[i];
    }
    return doubles;
  }
}
