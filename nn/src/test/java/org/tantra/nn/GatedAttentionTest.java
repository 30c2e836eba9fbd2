package org.tantra.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.Compute;

/// Gated linear attention, rotary embedding and sliding windows against their formulas.
final class GatedAttentionTest {
  @Property(tries = 60)
  void linearAttentionIsTheRecurrenceOfEachQueryHead(
      @ForAll @IntRange(min = 1, max = 3) int kvHeads,
      @ForAll @IntRange(min = 1, max = 3) int shared,
      @ForAll @IntRange(min = 1, max = 20) int headDim,
      @ForAll @IntRange(min = 1, max = 6) int tokens,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int heads = kvHeads * shared;
    float[] queries = values(tokens * heads * headDim, random);
    float[] keys = values(tokens * kvHeads * headDim, random);
    float[] values = values(tokens * kvHeads * headDim, random);
    float[] decay = values(keys.length, random);
    for (int i = 0; i < decay.length; i++) {
      decay[i] = (float) Math.exp(-Math.abs(decay[i]));
    }
    GatedLinearAttention layer =
        new GatedLinearAttention(heads, kvHeads, headDim, 0.4f, Compute.SERIAL);
    float[] out = new float[queries.length];
    layer.apply(out, queries, keys, values, decay, tokens, List.of(layer.newState()));

    for (int head = 0; head < heads; head++) {
      double[][] state = new double[headDim][headDim];
      for (int t = 0; t < tokens; t++) {
        int at = (t * kvHeads + head / shared) * headDim;
        int queryAt = (t * heads + head) * headDim;
        double[] answer = new double[headDim];
        for (int i = 0; i < headDim; i++) {
          for (int j = 0; j < headDim; j++) {
            state[i][j] = decay[at + i] * state[i][j] + (double) keys[at + i] * values[at + j];
            answer[j] += 0.4f * queries[queryAt + i] * state[i][j];
          }
        }
        for (int j = 0; j < headDim; j++) {
          assertEquals(answer[j], out[queryAt + j], 1e-3);
        }
      }
    }
  }

  @Example
  void piecesAndThreadsChangeNoBitOfLinearAttention() {
    SplittableRandom random = new SplittableRandom(1);
    int width = 5 * 64;
    float[] x = values(7 * width, random);
    float[] decay = new float[x.length];
    Arrays.fill(decay, 0.9f);
    GatedLinearAttention serial = new GatedLinearAttention(5, 5, 64, 0.1f, Compute.SERIAL);
    float[] whole = new float[x.length];
    serial.apply(whole, x, x, x, decay, 7, List.of(serial.newState()));

    GatedLinearAttention threaded = new GatedLinearAttention(5, 5, 64, 0.1f, new Reversed());
    List<float[]> state = List.of(threaded.newState());
    float[] pieces = new float[x.length];
    for (int from = 0; from < 7; from += 3) {
      int tokens = Math.min(3, 7 - from);
      float[] part = Arrays.copyOfRange(x, from * width, (from + tokens) * width);
      float[] out = new float[part.length];
      threaded.apply(out, part, part, part, decay, tokens, state);
      System.arraycopy(out, 0, pieces, from * width, out.length);
    }
    assertArrayEquals(whole, pieces);
  }

  @Property(tries = 60)
  void slidingWindowIsAttentionToTheLastKeys(
      @ForAll @IntRange(min = 1, max = 9) int window,
      @ForAll @IntRange(min = 1, max = 30) int tokens,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int headDim = 6;
    float[] keys = values(tokens * headDim, random);
    float[] values = values(tokens * headDim, random);
    float[] query = values(2 * headDim, random);
    float[] out = new float[2 * headDim];
    Attention attention = new Attention(2, 1, headDim, Compute.SERIAL);
    try (SlidingWindow sliding = new SlidingWindow(1, 1, headDim, window);
        KvCache last = new KvCache(1, 1, headDim, window)) {
      for (int t = 0; t < tokens; t++) {
        sliding.put(0, t, keys, t * headDim, values, t * headDim);
      }
      SlidingWindow.attend(
          attention, out, query, 2 * headDim, List.of(sliding), 0, new int[] {tokens - 1}, 0.4f);
      int first = Math.max(0, tokens - window);
      last.reserve(tokens - first);
      for (int t = first; t < tokens; t++) {
        last.put(0, t - first, keys, t * headDim, values, t * headDim);
      }
      float[] expected = new float[2 * headDim];
      attention.apply(expected, query, 2 * headDim, 1, last, 0, tokens - first - 1, 0.4f);
      assertArrayEquals(expected, out, 1e-5f);
      assertEquals(last.bytes(), sliding.bytes());
    }
  }

  @Property(tries = 60)
  void rotaryScoresDependOnDistanceAlone(
      @ForAll @IntRange(max = 500) int position,
      @ForAll @IntRange(max = 500) int distance,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RotaryEmbedding rotary = new RotaryEmbedding(8, 10000);
    float[] query = values(8, random);
    float[] key = values(8, random);
    double near = score(rotary, query, distance, key, 0);
    double far = score(rotary, query, position + distance, key, position);
    assertEquals(near, far, 1e-3);
    assertEquals(score(rotary, query, 0, key, 0), score(rotary, query, 9, key, 9), 1e-4);
  }

  private static double score(
      RotaryEmbedding rotary, float[] query, int queryAt, float[] key, int keyAt) {
    float[] q = query.clone();
    float[] k = key.clone();
    float[] turns = new float[16];
    rotary.turns(turns, 0, queryAt);
    rotary.turns(turns, 8, keyAt);
    rotary.apply(q, 0, 1, turns, 0);
    rotary.apply(k, 0, 1, turns, 8);
    double sum = 0;
    for (int i = 0; i < q.length; i++) {
      sum += (double) q[i] * k[i];
    }
    return sum;
  }

  @Example
  void rotaryTurnsHalvesTogether() {
    RotaryEmbedding rotary = new RotaryEmbedding(4, 100);
    float[] turns = new float[4];
    float[] x = {1, 0, 0, 1};
    rotary.turns(turns, 0, 2);
    rotary.apply(x, 0, 1, turns, 0);
    float[] expected = {
      (float) Math.cos(2), (float) -Math.sin(0.2), (float) Math.sin(2), (float) Math.cos(0.2)
    };
    assertArrayEquals(expected, x, 1e-6f);
  }

  @Example
  void sizesThatDoNotFitAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RotaryEmbedding(5, 100));
    assertThrows(
        IllegalArgumentException.class, () -> new GatedLinearAttention(5, 2, 4, 1, Compute.SERIAL));
  }

  private static float[] values(int length, SplittableRandom random) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /// Claims three threads and runs the parts from the last.
  private static final class Reversed implements Compute {
    @Override
    public int threads() {
      return 3;
    }

    @Override
    public void parallel(int parts, Part body) {
      for (int part = parts - 1; part >= 0; part--) {
        body.run(part);
      }
    }
  }
}
