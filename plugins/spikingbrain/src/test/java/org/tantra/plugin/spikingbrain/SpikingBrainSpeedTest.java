package org.tantra.plugin.spikingbrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.Settings;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.Arithmetic;
import org.tantra.nn.Linears;
import org.tantra.nn.Trace;
import org.tantra.nn.gpt.GptConfig;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.gpt.GptRow;
import org.tantra.nn.gpt.GptWeights;
import org.tantra.nn.gpt.Projector;
import org.tantra.nn.text.Session;

/// What leaving out the weights of zero counts is worth at the default size (768 wide, 6 layers)
/// with random weights: steps of one token with the dense and with the sparse product, in turn in
/// one run.
///
/// Runs on request only:
///
/// ```
/// mvn -pl plugins/spikingbrain -am package -DexcludedGroups= -Dgroups=fullsize \
///     -Dsurefire.failIfNoSpecifiedTests=false -Dtest=SpikingBrainSpeedTest
/// ```
@Tag("fullsize")
final class SpikingBrainSpeedTest {
  private static final int ROUNDS = 7;
  private static final int STEPS = 24;
  private static final int PROMPT = 64;
  private static final int HIDDEN = 768;
  private static final int LAYERS = 6;

  private final SplittableRandom random = new SplittableRandom(7);

  /// The dense product with the same coding.
  private record Dense(SpikeCoder coder) implements Projector {
    @Override
    public boolean prepare(float[] x, int at, int tokens, int width, int layer, Place place) {
      coder.apply(x, at, tokens, width, layer, place.weight());
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {3, 1, 0.5f, 0.25f})
  void sparseStepsAgainstDenseSteps(float k) {
    try (Arena arena = Arena.ofShared()) {
      GptConfig config =
          GptConfig.of(
              Settings.of("config.json", Map.of("n_layer", LAYERS)), List.of("gpt2"), true);
      GptNetwork network =
          new GptNetwork(
              config,
              weights(config, arena),
              () -> Projector.PLAIN,
              Linears.asStored(Compute.SERIAL));
      double[] plain = new double[ROUNDS];
      double[] dense = new double[ROUNDS];
      double[] sparse = new double[ROUNDS];
      float[] denseLogits = new float[config.vocab()];
      float[] sparseLogits = new float[config.vocab()];
      SpikingProjector[] last = new SpikingProjector[1];
      for (int round = 0; round < ROUNDS; round++) {
        plain[round] = stepMillis(network, () -> Projector.PLAIN, new float[config.vocab()]);
        dense[round] =
            stepMillis(
                network, () -> new Dense(new SpikeCoder(k, LAYERS, Trace.NONE)), denseLogits);
        sparse[round] =
            stepMillis(
                network, () -> last[0] = new SpikingProjector(k, LAYERS, Trace.NONE), sparseLogits);
      }
      assertArrayEquals(denseLogits, sparseLogits);
      Map<String, Double> measures = last[0].measures();
      System.out.printf(
          Locale.ROOT,
          "%s, 1 thread, k = %s: sparsity %.1f %%, %.0f spikes a token; layers without head, ms a"
              + " token: plain %.2f, spikes dense %.2f, spikes sparse %.2f; sparse is %.2f times as"
              + " fast as dense (best of %d rounds each; medians %.2f / %.2f, ratio %.2f)%n",
          Arithmetic.description(),
          k,
          100 * measures.getOrDefault("sparsity", 0.0),
          measures.getOrDefault("spikes_per_token", 0.0),
          best(plain),
          best(dense),
          best(sparse),
          best(dense) / best(sparse),
          ROUNDS,
          median(dense),
          median(sparse),
          median(dense) / median(sparse));
      System.out.println("  " + new TreeMap<>(measures));
    }
  }

  /// Time of the layers in a step; the head, which is never sparse, stays outside.
  private static double stepMillis(
      GptNetwork network, Supplier<Projector> projector, float[] logits) {
    GptRow row = new GptRow(network, projector.get(), Trace.NONE);
    int[] ids = new int[PROMPT + STEPS];
    Arrays.setAll(ids, i -> (i * 7919 + 13) % network.vocab());
    try (Session session = network.begin(row)) {
      session.append(Arrays.copyOf(ids, PROMPT), Cancellation.NEVER);
      float[] x = {};
      long start = System.nanoTime();
      for (int i = PROMPT; i < ids.length; i++) {
        x = row.forward(ids, i, 1, i, Cancellation.NEVER);
      }
      long end = System.nanoTime();
      row.head(logits, x, 1);
      return (end - start) / 1e6 / STEPS;
    }
  }

  private static double best(double[] values) {
    return Arrays.stream(values).min().orElseThrow();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private GptWeights weights(GptConfig config, Arena arena) {
    List<GptWeights.Block> blocks =
        IntStream.range(0, config.layers())
            .mapToObj(
                _ ->
                    new GptWeights.Block(
                        norm(arena),
                        map(arena, HIDDEN, 3 * HIDDEN),
                        map(arena, HIDDEN, HIDDEN),
                        norm(arena),
                        map(arena, HIDDEN, 4 * HIDDEN),
                        map(arena, 4 * HIDDEN, HIDDEN)))
            .toList();
    TensorView tokens = tensor(arena, 0, 0.1, config.vocab(), HIDDEN);
    TensorView positions = tensor(arena, 0, 0.1, config.context(), HIDDEN);
    return new GptWeights(tokens, positions, blocks, norm(arena), tokens, 0);
  }

  private GptWeights.Norm norm(Arena arena) {
    return new GptWeights.Norm(tensor(arena, 1, 0.05, HIDDEN), tensor(arena, 0, 0.05, HIDDEN));
  }

  private GptWeights.Map map(Arena arena, int in, int out) {
    return new GptWeights.Map(tensor(arena, 0, 0.05, in, out), tensor(arena, 0, 0.02, out), false);
  }

  private TensorView tensor(Arena arena, double mean, double deviation, long... sizes) {
    Shape shape = Shape.of(sizes);
    MemorySegment memory = arena.allocate(shape.elements() * 4, 64);
    for (long i = 0; i < shape.elements(); i++) {
      memory.set(TensorView.F32, i * 4, (float) random.nextGaussian(mean, deviation));
    }
    return new TensorView(DType.F32, shape, memory);
  }
}
