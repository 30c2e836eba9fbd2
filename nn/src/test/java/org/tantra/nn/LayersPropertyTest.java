package org.tantra.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.Compute;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

final class LayersPropertyTest {
  @Property(tries = 30)
  void splittingALinearMapChangesNoBit(
      @ForAll @IntRange(min = 1, max = 20) int tokens,
      @ForAll @IntRange(min = 2, max = 5) int threads,
      @ForAll boolean transposed,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int in = 300;
    int out = 333;
    TensorView weight =
        transposed
            ? TensorView.of(values(in * out, random), in, out)
            : TensorView.of(values(in * out, random), out, in);
    TensorView bias = TensorView.of(values(out, random), out);
    float[] x = values(tokens * in, random);

    float[] serial = new float[tokens * out];
    map(transposed, weight, bias, Compute.SERIAL).apply(serial, x, tokens);
    float[] parallel = new float[tokens * out];
    map(transposed, weight, bias, new Threads(threads)).apply(parallel, x, tokens);

    assertArrayEquals(serial, parallel);
    assertEquals(product(weight, transposed, bias, x), serial[out - 1], 1e-3);
  }

  /// Shares of zeros on both sides of where their weights are left out.
  @Property(tries = 40)
  void leavingOutTheWeightsOfZerosChangesNothing(
      @ForAll @IntRange(min = 1, max = 5) int tokens,
      @ForAll @IntRange(max = 10) int tenths,
      @ForAll boolean transposed,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TensorView weight = TensorView.of(values(96 * 96, random), 96, 96);
    float[] x = values(tokens * 96, random);
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(10) < tenths ? 0 : x[i];
    }
    Linear map = map(transposed, weight, TensorView.of(values(96, random), 96), Compute.SERIAL);
    float[] all = new float[tokens * 96];
    map.apply(all, x, tokens);
    float[] some = new float[tokens * 96];
    map.applySparse(some, x, tokens);

    assertArrayEquals(all, some);
  }

  /// The last output of the first token, from the definition.
  private static double product(TensorView weight, boolean transposed, TensorView bias, float[] x) {
    int in = (int) weight.shape().size(transposed ? 0 : 1);
    int out = (int) weight.shape().size(transposed ? 1 : 0);
    double sum = bias.floatAt(out - 1);
    for (int i = 0; i < in; i++) {
      long index = transposed ? (long) i * out + out - 1 : (long) (out - 1) * in + i;
      sum += (double) x[i] * weight.floatAt(index);
    }
    return sum;
  }

  private static Linear map(
      boolean transposed, TensorView weight, TensorView bias, Compute compute) {
    return transposed ? Linear.columns(weight, bias, compute) : Linear.rows(weight, bias, compute);
  }

  @Property(tries = 100)
  void attentionIsTheFormula(
      @ForAll @IntRange(min = 1, max = 3) int kvHeads,
      @ForAll @IntRange(min = 1, max = 3) int shared,
      @ForAll @IntRange(min = 1, max = 20) int headDim,
      @ForAll @IntRange(max = 40) int start,
      @ForAll @IntRange(min = 1, max = 5) int tokens,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int heads = kvHeads * shared;
    float[] keys = values((start + tokens) * kvHeads * headDim, random);
    float[] values = values((start + tokens) * kvHeads * headDim, random);
    float[] queries = values(tokens * heads * headDim, random);
    float[] out = values(tokens * heads * headDim, random);
    try (KvCache cache = new KvCache(2, kvHeads, headDim, 200)) {
      cache.reserve(start + tokens);
      for (int position = 0; position < start + tokens; position++) {
        int at = position * kvHeads * headDim;
        cache.put(1, position, keys, at, values, at);
      }
      new Attention(heads, kvHeads, headDim, Compute.SERIAL)
          .apply(out, queries, heads * headDim, tokens, cache, 1, start, 0.3f);
    }

    for (int i = 0; i < out.length; i++) {
      int token = i / (heads * headDim);
      int head = i / headDim % heads;
      double expected = 0;
      double sum = 0;
      for (int position = 0; position <= start + token; position++) {
        double score = 0;
        for (int d = 0; d < headDim; d++) {
          score +=
              (double) queries[(token * heads + head) * headDim + d]
                  * keys[(position * kvHeads + head / shared) * headDim + d];
        }
        double weight = Math.exp(score * 0.3f);
        sum += weight;
        expected += weight * values[(position * kvHeads + head / shared) * headDim + i % headDim];
      }
      assertEquals(expected / sum, out[i], 1e-5);
    }
  }

  @Example
  void splittingAttentionChangesNoBit() {
    SplittableRandom random = new SplittableRandom(5);
    float[] queries = values(8 * 5 * 64, random);
    float[] keys = values(5 * 64, random);
    float[] serial = new float[8 * 5 * 64];
    float[] parallel = new float[8 * 5 * 64];
    try (KvCache cache = new KvCache(1, 5, 64, 300)) {
      cache.reserve(300);
      for (int position = 0; position < 300; position++) {
        keys[position % keys.length] += 0.1f;
        cache.put(0, position, keys, 0, keys, 0);
      }
      new Attention(5, 5, 64, Compute.SERIAL)
          .apply(serial, queries, 5 * 64, 8, cache, 0, 292, 0.125f);
      new Attention(5, 5, 64, new Threads(3))
          .apply(parallel, queries, 5 * 64, 8, cache, 0, 292, 0.125f);
    }
    assertArrayEquals(serial, parallel);
  }

  /// More tokens than attend together at once, with fewer heads of keys than of queries.
  @Example
  void tokensAttendWithTheSameBitsTogetherAndAlone() {
    SplittableRandom random = new SplittableRandom(7);
    int tokens = 150;
    int width = 4 * 24;
    float[] queries = values(tokens * width, random);
    float[] together = new float[tokens * width];
    float[] alone = new float[width];
    Attention attention = new Attention(4, 2, 24, Compute.SERIAL);
    try (KvCache cache = new KvCache(1, 2, 24, 160)) {
      cache.reserve(160);
      for (int position = 0; position < 160; position++) {
        cache.put(0, position, values(48, random), 0, values(48, random), 0);
      }
      attention.apply(together, queries, width, tokens, cache, 0, 10, 0.2f);
      for (int t = 0; t < tokens; t++) {
        float[] query = Arrays.copyOfRange(queries, t * width, (t + 1) * width);
        attention.apply(alone, query, width, 1, cache, 0, 10 + t, 0.2f);
        assertArrayEquals(alone, Arrays.copyOfRange(together, t * width, (t + 1) * width));
      }
    }
  }

  @Example
  void growingCacheKeepsWhatItHolds() {
    SplittableRandom random = new SplittableRandom(3);
    float[] keys = values(300 * 6, random);
    float[] values = values(300 * 6, random);
    try (KvCache cache = new KvCache(2, 2, 3, 300)) {
      for (int position = 0; position < 300; position++) {
        cache.reserve(position + 1);
        cache.put(1, position, keys, position * 6, values, position * 6);
      }
      for (int i = 0; i < keys.length; i++) {
        TensorView key = cache.keys(1, i / 3 % 2);
        long capacity = key.shape().size(1);
        assertEquals(keys[i], key.floatAt(i % 3 * capacity + i / 6));
        assertEquals(values[i], cache.values(1, i / 3 % 2).floatAt(i / 6 * 3L + i % 3));
      }
      assertEquals(2L * 2 * 2 * 3 * 300 * 4, cache.bytes());
      assertThrows(IllegalArgumentException.class, () -> cache.reserve(301));
    }
  }

  @Example
  void closedCacheHoldsNothing() {
    KvCache cache = new KvCache(1, 1, 4, 10);
    cache.reserve(5);
    TensorView keys = cache.keys(0, 0);
    cache.close();
    cache.close();
    assertEquals(0, cache.bytes());
    assertThrows(IllegalStateException.class, () -> keys.floatAt(0));
  }

  @Example
  void integersAreNoWeights() {
    TensorView weight =
        new TensorView(DType.I8, Shape.of(2, 2), MemorySegment.ofArray(new byte[4]));
    assertThrows(IllegalArgumentException.class, () -> Linear.rows(weight, null, Compute.SERIAL));
    assertThrows(IllegalArgumentException.class, () -> new Embedding(weight));
  }

  private static float[] values(int length, SplittableRandom random) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /// Every part on a thread of its own.
  private record Threads(int threads) implements Compute {
    @Override
    public void parallel(int parts, Part body) {
      CompletableFuture<?>[] all =
          IntStream.range(0, parts)
              .mapToObj(part -> CompletableFuture.runAsync(() -> body.run(part)))
              .toArray(CompletableFuture<?>[]::new);
      Arrays.stream(all).forEach(CompletableFuture::join);
    }
  }
}
