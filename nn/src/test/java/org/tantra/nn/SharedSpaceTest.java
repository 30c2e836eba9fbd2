package org.tantra.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tantra.api.TantraException;

final class SharedSpaceTest {
  private static float[] random(int width, long seed) {
    Random random = new Random(seed);
    float[] vector = new float[width];
    for (int i = 0; i < width; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return vector;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static double cosine(float[] a, float[] b) {
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }

  @Test
  void shorterVectorsKeepTheirAnglesExactly() {
    float[] a = random(512, 1);
    float[] b = random(512, 2);

    assertEquals(cosine(a, b), dot(SharedSpace.unit(a), SharedSpace.unit(b)), 1e-6);
  }

  @Test
  void longerVectorsKeepTheirAnglesNearly() {
    for (int width : new int[] {769, 1024, 1280, 3584}) {
      float[] a = random(width, 1);
      float[] b = random(width, 2);
      float[] between = new float[width];
      for (int i = 0; i < width; i++) {
        between[i] = a[i] + b[i];
      }

      double kept = dot(SharedSpace.unit(a), SharedSpace.unit(between));

      assertEquals(cosine(a, between), kept, 0.12, "width " + width);
    }
  }

  @Test
  void everyEmbeddingHasUnitLength() {
    for (int width : new int[] {1, 384, 768, 1024}) {
      float[] unit = SharedSpace.unit(random(width, width));
      assertEquals(SharedSpace.WIDTH, unit.length);
      assertEquals(1, dot(unit, unit), 1e-5);
    }
  }

  @Test
  void noDirectionBecomesTheFirstAxis() {
    float[] axis = new float[SharedSpace.WIDTH];
    axis[0] = 1;
    assertArrayEquals(axis, SharedSpace.unit(new float[1024]));
  }

  @Test
  void notANumberIsRefused() {
    assertThrows(TantraException.class, () -> SharedSpace.unit(new float[] {1, Float.NaN}));
  }

  @Test
  void meanIsTakenNumberByNumber() {
    assertArrayEquals(
        new float[] {2, 3}, SharedSpace.mean(List.of(new float[] {1, 2}, new float[] {3, 4})));
  }
}
