package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.Settings;
import org.tantra.api.WeightPlan;
import org.tantra.nn.Trace;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TwoThreads;

/// The smallest published size with random weights; `tools/bench speech` runs all of them.
final class WhisperPublishedSizeTest {
  @Test
  void tinyHearsAWindowWithinAQuarterMoreThanItsWeights() {
    Map<String, Object> config = requireNonNull(WhisperSizes.ALL.get("tiny"));
    WeightPlan plan = new WhisperModel().weightPlan(Settings.of("tiny", config)).orElseThrow();
    try (Arena arena = Arena.ofShared()) {
      WhisperNetwork network =
          WhisperNetwork.of(PlannedCheckpoint.of(plan, config), new TwoThreads(), arena);
      MelWindows mel =
          new MelWindows(Recordings.noise(30), network.config().mels(), Cancellation.NEVER);
      float[] audio =
          network.audio().encode(mel.window(0, 3000, 3000), Cancellation.NEVER, Trace.NONE);
      try (CrossCache cross = network.text().cross(audio);
          TextRow row = network.text().begin()) {
        for (int token = 0; token < 4; token++) {
          float[] states =
              network
                  .text()
                  .forward(
                      List.of(row),
                      List.of(new int[] {token}),
                      cross,
                      Cancellation.NEVER,
                      WhisperTextNetwork.Traces.NONE);
          float[] logits = network.text().logits(states, 1);
          assertTrue(Float.isFinite(logits[LogProbabilities.best(logits)]));
        }
        row.cache().reserve(network.config().textPositions());
        long checkpoint = 4 * plan.parameters();
        long taken = network.bytes() + cross.bytes() + row.cache().bytes();
        assertEquals(4, row.length());
        assertTrue(taken >= checkpoint && taken < checkpoint * 1.25, taken + " of " + checkpoint);
      }
    }
  }
}
