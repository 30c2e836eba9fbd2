package org.tantra.nn.gpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import org.tantra.nn.Trace;
import org.tantra.nn.WeightForm;
import org.tantra.nn.text.Session;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TwoThreads;

/// Rows that are decoded together have the numbers they have alone.
final class GptPassPropertyTest {
  private static final int VOCAB = 71;
  private static final int CONTEXT = 48;

  @Property(tries = 25)
  void companyChangesNoBit(
      @ForAll WeightForm form,
      @ForAll @IntRange(min = 1, max = 16) int rows,
      @ForAll boolean threaded,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int headDim = random.nextInt(1, 12);
    int heads = random.nextInt(1, 5);
    // Blocks need whole rows; every other form takes any size.
    int hidden = form == WeightForm.AS_STORED ? heads * headDim : 32;
    Compute compute = threaded ? new TwoThreads() : Compute.SERIAL;
    try (Arena copies = Arena.ofShared()) {
      GptNetwork network = network(hidden, hidden == 32 ? 4 : heads, form, compute, copies);
      List<int[]> texts = new ArrayList<>();
      for (int row = 0; row < rows; row++) {
        texts.add(random.ints(random.nextInt(3, CONTEXT), 0, VOCAB).toArray());
      }
      List<GptRow> together = new ArrayList<>();
      int[] positions = new int[rows];
      for (int row = 0; row < rows; row++) {
        GptRow begun = new GptRow(network, Projector.PLAIN, Trace.NONE);
        positions[row] = texts.get(row).length - 2;
        begun.forward(texts.get(row), 0, positions[row], 0, Cancellation.NEVER);
        together.add(begun);
      }
      GptPass pass = new GptPass(network, Trace.NONE);
      float[] logits = new float[rows * VOCAB];
      for (int step = 0; step < 2; step++) {
        int[] tokens = new int[rows];
        for (int row = 0; row < rows; row++) {
          tokens[row] = texts.get(row)[positions[row]];
          together.get(row).reserve(positions[row] + 1);
        }
        pass.step(together, tokens, positions, logits);
        for (int row = 0; row < rows; row++) {
          positions[row]++;
          assertArrayEquals(
              alone(network, Arrays.copyOf(texts.get(row), positions[row])),
              Arrays.copyOfRange(logits, row * VOCAB, (row + 1) * VOCAB),
              "row " + row + " of " + rows);
        }
      }
      together.forEach(GptRow::close);
    }
  }

  private static float[] alone(GptNetwork network, int[] text) {
    try (Session session = network.begin()) {
      float[] logits = session.append(text, Cancellation.NEVER).clone();
      assertEquals(text.length, session.position());
      return logits;
    }
  }

  private static GptNetwork network(
      int hidden, int heads, WeightForm form, Compute compute, Arena copies) {
    Map<String, Object> json =
        Map.of(
            "model_type", "gpt2",
            "vocab_size", VOCAB,
            "n_positions", CONTEXT,
            "n_embd", hidden,
            "n_layer", 2,
            "n_head", heads);
    GptConfig config = GptConfig.of(Settings.of("the test", json), List.of("gpt2"), true);
    PlannedCheckpoint checkpoint = PlannedCheckpoint.of(GptWeights.plan(config, "", true), json);
    return new GptNetwork(
        config,
        GptWeights.read(checkpoint.weights(), config, copies),
        () -> Projector.PLAIN,
        new Linears(form, copies, compute));
  }
}
