package org.tantra.plugin.coqui;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.nn.StateDict;
import org.tantra.nn.parity.Comparison;
import org.tantra.nn.parity.HiddenStates;

/// Compares the vocoder with the reference: samples with and without padding, and what flows
/// between its stages.
public final class HifiGanParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("coqui-hifigan");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    double tolerance = golden.expected().section("tolerance").number("max_abs", 1e-4);
    Comparison comparison = new Comparison(golden, tolerance, 0);
    try (Arena copies = Arena.ofShared()) {
      StateDict weights = new StateDict(golden.name(), golden.checkpoint().weights(), copies);
      HifiGan network = CoquiModel.vocoder(golden.checkpoint(), weights, golden.compute());
      float[] mel = turned(comparison.floats("in.mel"), network.mels());
      HiddenStates seen = new HiddenStates();
      float[] wave =
          network.apply(
              mel,
              network.padding(),
              Integer.MAX_VALUE,
              (place, x, length) -> seen.add("stage." + place, x, length),
              Cancellation.NEVER);
      comparison.check("out.wave", wave);
      if (comparison.has("out.wave_without_padding")) {
        comparison.check("out.wave_without_padding", network.apply(mel, 0, Cancellation.NEVER));
      }
      for (String name : comparison.unread()) {
        if (name.startsWith("stage.")) {
          int frames = Math.toIntExact(comparison.info(name).shape().size(1));
          comparison.check(name, turned(seen.values(name), Math.max(1, frames)));
        }
      }
      return comparison.findings();
    }
  }

  /// `[a, b]` as `[b, a]`.
  ///
  /// @param rows `a`
  static float[] turned(float[] x, int rows) {
    int columns = x.length / rows;
    float[] turned = new float[x.length];
    for (int i = 0; i < rows * columns; i++) {
      turned[i % columns * rows + i / columns] = x[i];
    }
    return turned;
  }
}
