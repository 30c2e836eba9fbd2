package org.tantra.plugin.spikingbrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.Settings;
import org.tantra.api.tensor.DType;
import org.tantra.nn.Linears;
import org.tantra.nn.StateDict;
import org.tantra.nn.Trace;
import org.tantra.nn.WeightForm;
import org.tantra.nn.text.Session;
import org.tantra.testkit.GoldenCase;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TwoThreads;

/// Rows of SpikingBrain-7B's network that are decoded together have the numbers they have alone.
final class GlaSwaPassPropertyTest {
  private static final int VOCAB = 71;
  private static final int LONGEST = 18;
  private static final int STEPS = 2;

  @Property(tries = 12)
  void companyChangesNoBit(
      @ForAll WeightForm form,
      @ForAll @IntRange(min = 1, max = 16) int rows,
      @ForAll boolean threaded,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Compute compute = threaded ? new TwoThreads() : Compute.SERIAL;
    try (Arena copies = Arena.ofShared()) {
      assertCompanyChangesNothing(network(form, random, compute, copies), rows, random);
    }
  }

  /// The layout whose activations are spike-coded and whose weights are rounded on their way.
  @Example
  void companyChangesNoBitOfSpikes() {
    try (GoldenCase golden = GoldenCase.of(getClass(), "spikingbrain-w8aspike-tiny");
        var loaded =
            SpikingBrainModel.loadPublished(
                golden,
                config -> config,
                WeightForm.AS_STORED,
                golden.compute(),
                golden.progress())) {
      assertCompanyChangesNothing(loaded.network(), 3, new SplittableRandom(3));
    }
  }

  private static void assertCompanyChangesNothing(
      GlaSwaNetwork network, int rows, SplittableRandom random) {
    int vocab = network.vocab();
    List<int[]> texts = new ArrayList<>();
    List<GlaSwaRow> together = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      texts.add(random.ints(random.nextInt(STEPS + 1, LONGEST), 0, VOCAB).toArray());
      GlaSwaRow begun = new GlaSwaRow(network, Trace.NONE);
      begun.forward(texts.get(row), 0, texts.get(row).length - STEPS, 0, Cancellation.NEVER);
      together.add(begun);
    }
    GlaSwaPass pass = new GlaSwaPass(network, Trace.NONE);
    float[] logits = new float[rows * vocab];
    for (int step = 0; step < STEPS; step++) {
      int[] tokens = new int[rows];
      int[] positions = new int[rows];
      for (int row = 0; row < rows; row++) {
        positions[row] = texts.get(row).length - STEPS + step;
        tokens[row] = texts.get(row)[positions[row]];
        together.get(row).reserve(positions[row] + 1);
      }
      pass.step(together, tokens, positions, logits);
    }
    for (int row = 0; row < rows; row++) {
      float[] own = Arrays.copyOfRange(logits, row * vocab, (row + 1) * vocab);
      assertAsAlone(network, texts.get(row), own, together.get(row), row + " of " + rows);
    }
    together.forEach(GlaSwaRow::close);
  }

  private static void assertAsAlone(
      GlaSwaNetwork network, int[] text, float[] logits, GlaSwaRow row, String which) {
    GlaSwaRow alone = new GlaSwaRow(network, Trace.NONE);
    try (Session session = network.begin(alone)) {
      assertArrayEquals(session.append(text, Cancellation.NEVER), logits, which);
      for (int layer = 0; layer < network.config().layers(); layer++) {
        assertArrayEquals(alone.state(layer), row.state(layer), which);
      }
      assertEquals(alone.measures(), row.measures(), which);
    }
  }

  /// A layer of either kind of attention; most windows are shorter than the texts.
  private static GlaSwaNetwork network(
      WeightForm form, SplittableRandom random, Compute compute, Arena copies) {
    boolean odd = form == WeightForm.AS_STORED || form == WeightForm.BF16;
    int kvHeads = random.nextInt(1, 3);
    int heads = kvHeads * random.nextInt(1, 3);
    // Blocks need whole rows of 32; every other form takes any size.
    int hidden = odd ? heads * 2 * random.nextInt(1, 8) : 32;
    Map<String, Object> json =
        Map.of(
            "model_type",
            GlaSwaConfig.TYPE,
            "vocab_size",
            VOCAB,
            "hidden_size",
            hidden,
            "num_hidden_layers",
            4,
            "num_attention_heads",
            heads,
            "num_key_value_heads",
            kvHeads,
            "intermediate_size",
            odd ? random.nextInt(1, 50) : 64,
            "max_position_embeddings",
            LONGEST,
            "sliding_window",
            random.nextInt(1, LONGEST),
            "gate_low_rank_dim",
            random.nextInt(1, 5));
    GlaSwaConfig config = GlaSwaConfig.of(Settings.of("the test", json));
    PlannedCheckpoint checkpoint =
        PlannedCheckpoint.of(GlaSwaWeights.plan(config, DType.F32), json);
    StateDict weights = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
    return new GlaSwaNetwork(
        config, GlaSwaWeights.of(config, weights), new Linears(form, copies, compute));
  }
}
