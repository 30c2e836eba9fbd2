package org.tantra.plugin.spikingbrain;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.api.Progress;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.WeightForm;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.gpt.GptRow;
import org.tantra.nn.gpt.Projector.Place;
import org.tantra.nn.parity.Comparison;
import org.tantra.nn.parity.HiddenStates;
import org.tantra.nn.parity.LanguageModelParity;
import org.tantra.nn.text.LoadedNetwork;
import org.tantra.nn.text.Session;

/// The default network against the F64 values of its golden cases.
///
/// Rounding to counts makes small differences large: where F32 ends on the other side of a tie, one
/// count differs by one and everything behind it follows. So one count in a thousand may differ,
/// and the other outputs are compared loosely if any does.
final class TrunkParity {
  private static final double SHARE = 1e-3;
  private static final double EQUAL_COUNTS = 2e-4;
  private static final double OTHER_COUNTS = 2e-2;

  private TrunkParity() {}

  static List<Finding> run(ParityCase golden) {
    try (LoadedNetwork<GptNetwork> loaded =
        SpikingBrainModel.loadTrunk(
            golden.checkpoint(), WeightForm.AS_STORED, golden.compute(), Progress.NONE)) {
      GptNetwork network = loaded.network();
      float k = ConfigFile.read(golden.checkpoint(), SpikingBrainModel::spikeK);
      HiddenStates spikes = new HiddenStates();
      HiddenStates hidden = new HiddenStates();
      Comparison counts = new Comparison(golden, 0, 0);
      int layers = network.config().layers();
      GptRow row = new GptRow(network, new SpikingProjector(k, layers, spikes::add), hidden::add);
      try (Session session = network.begin(row)) {
        session.append(counts.integers("input_ids"), Cancellation.NEVER, (_, _) -> {});
      }
      boolean equal = true;
      for (int layer = 0; layer < layers; layer++) {
        for (Place place : Place.values()) {
          String name = "spike_counts." + layer + "." + place.weight();
          equal &= counts.checkRounded(name, spikes.values(name), SHARE);
        }
      }
      Comparison others = new Comparison(golden, equal ? EQUAL_COUNTS : OTHER_COUNTS, 0);
      new LanguageModelParity(others, network).compare(golden, 1);
      hidden.compare(others, "");
      List<Finding> findings = new ArrayList<>(counts.findings());
      findings.addAll(others.findings());
      return findings;
    }
  }
}
