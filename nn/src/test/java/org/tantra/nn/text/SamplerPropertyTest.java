package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.Sampling;

final class SamplerPropertyTest {
  private static final int VOCAB = 40;

  @Property(tries = 200)
  void equalSeedsDrawEqualTokens(@ForAll long seed, @ForAll @IntRange(max = 10) int topK) {
    Sampling sampling = new Sampling(1.3, topK, 0.9, 0.01, 0.5, 0.5, 1.1, Map.of(3, 1.0), seed);
    assertArrayEquals(draws(sampling, seed, 30), draws(sampling, seed, 30));
  }

  @Property(tries = 200)
  void temperatureTowardsZeroBecomesTheLikeliest(@ForAll long seed) {
    float[] logits = logits(seed);
    assertEquals(
        next(Sampling.GREEDY, logits), next(sampling(1e-9, 0, 1, 0).withSeed(seed), logits));
  }

  @Property(tries = 200)
  void topOneIsTheLikeliest(@ForAll long seed) {
    float[] logits = logits(seed);
    assertEquals(next(Sampling.GREEDY, logits), next(sampling(2, 1, 1, 0).withSeed(seed), logits));
    assertEquals(next(Sampling.GREEDY, logits), next(sampling(2, 0, 0, 0).withSeed(seed), logits));
    assertEquals(next(Sampling.GREEDY, logits), next(sampling(2, 0, 1, 1).withSeed(seed), logits));
  }

  /// Against a plain reading of the definition: sort, cut, cut, cut.
  @Property(tries = 500)
  void onlyTokensThatTheCutsLeaveAreDrawn(
      @ForAll long seed,
      @ForAll @IntRange(max = VOCAB + 2) int topK,
      @ForAll @DoubleRange(min = 0, max = 1) double topP,
      @ForAll @DoubleRange(min = 0, max = 0.5) double minP) {
    float[] logits = logits(seed);
    double[] weights = new double[VOCAB];
    Arrays.setAll(weights, i -> Math.exp(logits[i]));
    int[] order =
        IntStream.range(0, VOCAB)
            .boxed()
            .sorted((a, b) -> Double.compare(weights[b], weights[a]))
            .mapToInt(Integer::intValue)
            .toArray();
    int kept = topK == 0 ? VOCAB : Math.min(topK, VOCAB);
    double sum = Arrays.stream(order, 0, kept).mapToDouble(i -> weights[i]).sum();
    double reached = 0;
    int nucleus = 0;
    while (nucleus < kept && (nucleus == 0 || reached < topP * sum)) {
      reached += weights[order[nucleus++]];
    }
    double least = minP * weights[order[0]];

    int id = next(sampling(1, topK, topP, minP).withSeed(seed), logits);

    int[] allowed =
        Arrays.stream(order, 0, nucleus).filter(i -> weights[i] >= least * (1 - 1e-9)).toArray();
    assertTrue(Arrays.stream(allowed).anyMatch(i -> i == id));
  }

  @Example
  void frequenciesFollowTheProbabilities() {
    float[] logits = {0, (float) Math.log(2), (float) Math.log(5)};
    Sampler sampler = new Sampler(sampling(1, 0, 1, 0).withSeed(7), 3);
    int[] counts = new int[3];
    for (int i = 0; i < 80_000; i++) {
      counts[sampler.next(logits)]++;
    }
    assertEquals(10_000, counts[0], 500);
    assertEquals(20_000, counts[1], 600);
    assertEquals(50_000, counts[2], 700);
  }

  @Example
  void neighbouringSeedsDrawIndependently() {
    float[] flat = new float[2];
    int ones = 0;
    for (long seed = 0; seed < 1000; seed++) {
      ones += next(sampling(1, 0, 1, 0).withSeed(seed), flat);
    }
    assertEquals(500, ones, 80);
  }

  @Example
  void greedyTiesGoToTheSmallerId() {
    assertEquals(1, next(Sampling.GREEDY, new float[] {0, 2, 2, 1}));
    assertEquals(0, next(Sampling.GREEDY, new float[] {-0f, 0f}));
  }

  @Example
  void penaltiesCountWhatTheCompletionHas() {
    Sampling sampling = new Sampling(0, 0, 1, 0, 0.5, 1, 1, Map.of(), 0L);
    Sampler sampler = new Sampler(sampling, 2);
    sampler.seePrompt(new int[] {0});
    float[] logits = {3, 0};
    // 3 → 3 - 0.5 - 1 = 1.5 → 3 - 0.5 - 2 = 0.5 → -0.5
    assertEquals(0, sampler.next(logits));
    assertEquals(0, sampler.next(logits));
    assertEquals(0, sampler.next(logits));
    assertEquals(1, sampler.next(logits));
  }

  @Example
  void repetitionPenaltyCountsThePromptToo() {
    Sampling sampling = new Sampling(0, 0, 1, 0, 0, 0, 2, Map.of(), 0L);
    Sampler positive = new Sampler(sampling, 2);
    positive.seePrompt(new int[] {0});
    assertEquals(1, positive.next(new float[] {3, 2}));
    Sampler negative = new Sampler(sampling, 2);
    negative.seePrompt(new int[] {0});
    assertEquals(1, negative.next(new float[] {-1, -1.5f}));
  }

  @Example
  void biasComesBeforeThePenalties() {
    Sampling sampling = new Sampling(0, 0, 1, 0, 0, 0, 2, Map.of(0, 2.0), 0L);
    Sampler sampler = new Sampler(sampling, 2);
    sampler.seePrompt(new int[] {0});
    // (1 + 2) / 2 = 1.5, not 1 / 2 + 2 = 2.5
    assertEquals(1, sampler.next(new float[] {1, 2}));
  }

  @Property(tries = 300)
  void rankingIsASort(@ForAll long seed, @ForAll @IntRange(max = 70) int count) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] scores = new float[64];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextInt(-4, 4);
    }
    int[] expected =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted((a, b) -> Float.compare(scores[b], scores[a]))
            .limit(count)
            .mapToInt(Integer::intValue)
            .toArray();
    assertArrayEquals(expected, Ranking.top(scores, count));
  }

  private static int next(Sampling sampling, float[] logits) {
    return new Sampler(sampling, logits.length).next(logits);
  }

  private static int[] draws(Sampling sampling, long seed, int count) {
    Sampler sampler = new Sampler(sampling, VOCAB);
    float[] logits = logits(seed);
    return IntStream.range(0, count).map(_ -> sampler.next(logits)).toArray();
  }

  private static float[] logits(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] logits = new float[VOCAB];
    for (int i = 0; i < VOCAB; i++) {
      logits[i] = (float) random.nextDouble(-4, 4);
    }
    return logits;
  }

  private static Sampling sampling(double temperature, int topK, double topP, double minP) {
    return new Sampling(temperature, topK, topP, minP, 0, 0, 1, Map.of(), 0L);
  }
}
