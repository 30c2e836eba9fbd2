package org.tantra.plugin.spikingbrain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.Cancellation;
import org.tantra.nn.Trace;
import org.tantra.nn.WeightForm;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.gpt.GptRow;
import org.tantra.nn.gpt.Projector;
import org.tantra.nn.text.Session;
import org.tantra.testkit.GoldenCase;

/// Finer spikes lead back to the plain network.
final class SpikeResolutionPropertyTest {
  /// The error of a logit falls with the resolution until thresholds reach their lower bound.
  @Property(tries = 10)
  void logitsBecomeThePlainOnesAsSpikesBecomeFiner(
      @ForAll @IntRange(min = 1, max = 40) int length, @ForAll long seed) {
    int[] ids = new SplittableRandom(seed).ints(length, 0, 199).toArray();
    try (GoldenCase golden = GoldenCase.of(getClass(), "spikingbrain-gpt-tiny");
        var loaded =
            SpikingBrainModel.loadTrunk(
                golden, WeightForm.AS_STORED, golden.compute(), golden.progress())) {
      GptNetwork network = loaded.network();
      float[] plain = logits(network, Projector.PLAIN, ids);
      assertNear(plain, logits(network, spikes(1e3f), ids), 0.1);
      assertNear(plain, logits(network, spikes(1e4f), ids), 0.01);
      assertNear(plain, logits(network, spikes(Float.POSITIVE_INFINITY), ids), 1e-3);
    }
  }

  private static Projector spikes(float k) {
    return new SpikingProjector(k, 3, Trace.NONE);
  }

  private static float[] logits(GptNetwork network, Projector projector, int[] ids) {
    try (Session session = network.begin(new GptRow(network, projector, Trace.NONE))) {
      return session.append(ids, Cancellation.NEVER);
    }
  }

  private static void assertNear(float[] expected, float[] actual, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance);
    }
  }
}
