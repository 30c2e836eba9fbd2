package org.tantra.nn.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// The vector kernels against their scalar twins.
final class GatedStateKernelsPropertyTest {
  @Property(tries = 100)
  void vectorAgreesWithScalar(
      @ForAll @IntRange(max = 9) int keys,
      @ForAll @IntRange(max = 40) int values,
      @ForAll @IntRange(max = 3) int offset,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] state = numbers(offset + keys * values, random);
    float[] decay = numbers(offset + keys, random);
    float[] key = numbers(offset + keys, random);
    float[] value = numbers(offset + values, random);
    float[] scalarState = state.clone();
    float[] vectorState = state.clone();
    float[] scalarOut = new float[offset + values];
    float[] vectorOut = new float[offset + values];

    GatedStateKernels scalar = new ScalarGatedStateKernels();
    scalar.update(scalarState, offset, decay, key, offset, keys, value, offset, values);
    scalar.read(scalarOut, offset, key, offset, keys, 0.3f, scalarState, offset, values);
    GatedStateKernels vector = new VectorGatedStateKernels();
    vector.update(vectorState, offset, decay, key, offset, keys, value, offset, values);
    vector.read(vectorOut, offset, key, offset, keys, 0.3f, vectorState, offset, values);

    assertArrayEquals(scalarState, vectorState, 1e-5f);
    assertArrayEquals(scalarOut, vectorOut, 1e-4f);
  }

  private static float[] numbers(int length, SplittableRandom random) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }
}
