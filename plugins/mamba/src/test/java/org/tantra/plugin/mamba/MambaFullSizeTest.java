package org.tantra.plugin.mamba;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.nn.Arithmetic;
import org.tantra.nn.Trace;
import org.tantra.nn.parity.LanguageModelParity;
import org.tantra.nn.text.Session;
import org.tantra.testkit.FullSizeCase;
import org.tantra.testkit.TwoThreads;

/// Mamba-130m at its real size, with weights that a formula gives: logits against those of the
/// reference implementation, and how long steps take.
///
/// Runs on request only:
///
/// ```
/// mvn -pl plugins/mamba -am package -DexcludedGroups= -Dgroups=fullsize -Dtantra.fullsize=DIR \
///     -Dsurefire.failIfNoSpecifiedTests=false -Dtest=MambaFullSizeTest
/// ```
@Tag("fullsize")
final class MambaFullSizeTest {
  private static final double TOLERANCE = 2e-4;

  @Test
  void logitsAreThoseOfTheReference() {
    try (FullSizeCase full = FullSizeCase.of("mamba-130m-hf");
        MambaModel.Loaded loaded = MambaModel.load(full, 2048, new TwoThreads())) {
      int[] ids = FullSizeCase.ids(full.recipe().get("input_ids"));
      double[] largest = {0};
      try (Session session = loaded.network().begin()) {
        session.append(
            ids,
            Cancellation.NEVER,
            (index, logits) ->
                largest[0] =
                    Math.max(
                        largest[0], full.distance(full.recipe().get("expected"), index, logits)));
      }
      System.out.printf("mamba-130m: largest difference of a logit %.1e%n", largest[0]);
      assertTrue(largest[0] <= TOLERANCE, () -> "logits differ by " + largest[0]);
      int[] greedy = FullSizeCase.ids(full.recipe().get("greedy_8").get("new_ids"));
      assertArrayEquals(greedy, LanguageModelParity.greedy(loaded.network(), ids, greedy.length));
      report("2 threads", loaded);
      try (MambaModel.Loaded serial = MambaModel.load(full, 2048, Compute.SERIAL)) {
        report("1 thread", serial);
      }
    }
  }

  /// Prints what a step costs: the figures are what somebody runs this for.
  private static void report(String threads, MambaModel.Loaded loaded) {
    int[] prompt = new int[512];
    Arrays.setAll(prompt, i -> (i * 7919 + 13) % 50257);
    for (int round = 0; round < 3; round++) {
      MambaRow row = new MambaRow(loaded.network(), Trace.NONE);
      try (Session session = loaded.network().begin(row)) {
        long start = System.nanoTime();
        session.append(prompt, Cancellation.NEVER);
        long prefilled = System.nanoTime();
        for (int i = 0; i < 32; i++) {
          session.append(new int[] {prompt[i]}, Cancellation.NEVER);
        }
        long decoded = System.nanoTime();
        System.out.printf(
            "mamba-130m, %s, %s: prefill of 512 tokens %.0f ms, decode %.1f ms a token, %d bytes"
                + " resident, %d bytes a row%n",
            Arithmetic.description(),
            threads,
            (prefilled - start) / 1e6,
            (decoded - prefilled) / 32e6,
            loaded.residentBytes(),
            row.bytes());
      }
    }
  }
}
