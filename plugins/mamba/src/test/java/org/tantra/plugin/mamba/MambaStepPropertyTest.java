package org.tantra.plugin.mamba;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.Settings;
import org.tantra.nn.Linears;
import org.tantra.nn.StateDict;
import org.tantra.nn.Trace;
import org.tantra.nn.WeightForm;
import org.tantra.nn.Workspace;
import org.tantra.nn.text.Session;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TwoThreads;

/// Rows that are decoded together have the numbers they have alone.
final class MambaStepPropertyTest {
  private static final int VOCAB = 71;
  private static final int LONGEST = 24;
  private static final int STEPS = 2;

  enum Kind {
    SELECTIVE,
    HEADED,
    GATED_CONV
  }

  @Property(tries = 30)
  void companyChangesNoBit(
      @ForAll Kind kind,
      @ForAll WeightForm form,
      @ForAll @IntRange(min = 1, max = 16) int rows,
      @ForAll boolean threaded,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Compute compute = threaded ? new TwoThreads() : Compute.SERIAL;
    try (Arena copies = Arena.ofShared()) {
      MambaNetwork network = network(config(kind, form, random), form, compute, copies);
      List<int[]> texts = new ArrayList<>();
      List<MambaRow> together = new ArrayList<>();
      for (int row = 0; row < rows; row++) {
        texts.add(random.ints(random.nextInt(STEPS + 1, LONGEST), 0, VOCAB).toArray());
        MambaRow begun = new MambaRow(network, Trace.NONE);
        begun.forward(texts.get(row), 0, texts.get(row).length - STEPS, 0, Cancellation.NEVER);
        together.add(begun);
      }
      Workspace work = new Workspace();
      float[] logits = new float[rows * VOCAB];
      for (int step = 0; step < STEPS; step++) {
        int[] tokens = new int[rows];
        for (int row = 0; row < rows; row++) {
          tokens[row] = texts.get(row)[texts.get(row).length - STEPS + step];
        }
        network.step(together, tokens, logits, work);
      }
      for (int row = 0; row < rows; row++) {
        float[] own = Arrays.copyOfRange(logits, row * VOCAB, (row + 1) * VOCAB);
        assertAsAlone(network, texts.get(row), own, together.get(row), row + " of " + rows);
      }
    }
  }

  private static void assertAsAlone(
      MambaNetwork network, int[] text, float[] logits, MambaRow row, String which) {
    MambaRow alone = new MambaRow(network, Trace.NONE);
    try (Session session = network.begin(alone)) {
      assertArrayEquals(session.append(text, Cancellation.NEVER), logits, which);
    }
    for (int layer = 0; layer < row.states().size(); layer++) {
      Mixer.State expected = alone.states().get(layer);
      assertArrayEquals(expected.window(), row.states().get(layer).window(), which);
      assertArrayEquals(expected.memory(), row.states().get(layer).memory(), which);
    }
  }

  /// Blocks need whole rows of 32; every other form takes any size.
  private static Map<String, Object> config(Kind kind, WeightForm form, SplittableRandom random) {
    boolean odd = form == WeightForm.AS_STORED || form == WeightForm.BF16;
    int hidden = odd ? random.nextInt(3, 40) : 32;
    int kernel = random.nextInt(2, 6);
    return switch (kind) {
      case SELECTIVE ->
          Map.of(
              "model_type",
              "mamba",
              "hidden_size",
              hidden,
              "num_hidden_layers",
              2,
              "vocab_size",
              VOCAB,
              "conv_kernel",
              kernel,
              "state_size",
              random.nextInt(1, 20),
              "time_step_rank",
              odd ? random.nextInt(1, 9) : 32);
      case HEADED ->
          Map.of(
              "model_type",
              "mamba2",
              "hidden_size",
              hidden,
              "num_hidden_layers",
              2,
              "vocab_size",
              VOCAB,
              "conv_kernel",
              kernel,
              "num_heads",
              2,
              "head_dim",
              hidden,
              "n_groups",
              random.nextInt(1, 3),
              "state_size",
              random.nextInt(1, 20));
      case GATED_CONV ->
          Map.of(
              "d_model", hidden,
              "n_layers", 2,
              "vocab_size", VOCAB,
              "d_conv", kernel);
    };
  }

  private static MambaNetwork network(
      Map<String, Object> json, WeightForm form, Compute compute, Arena copies) {
    Settings settings = Settings.of("the test", json);
    PlannedCheckpoint checkpoint =
        PlannedCheckpoint.of(new MambaModel().weightPlan(settings).orElseThrow(), json);
    StateDict weights = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
    MambaConfig config = MambaConfig.of(settings, weights);
    return new MambaNetwork(
        config, MambaWeights.of(config, weights), LONGEST, new Linears(form, copies, compute));
  }
}
