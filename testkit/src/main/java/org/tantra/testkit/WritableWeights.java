package org.tantra.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A network's weights as a trainer holds them: listed by name from a [WeightPlan], in arrays of
/// its own that it writes between one step and the next.
public final class WritableWeights {
  private final Map<String, float[]> arrays = new LinkedHashMap<>();
  private final WeightSource source;

  /// Small random values for every weight of a plan.
  public WritableWeights(WeightPlan plan) {
    Random random = new Random(11);
    Map<String, TensorView> views = new LinkedHashMap<>();
    for (WeightPlan.Weight weight : plan.weights()) {
      TensorInfo info = weight.info();
      float[] values = new float[Math.toIntExact(info.shape().elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * 0.1);
      }
      arrays.put(info.name(), values);
      views.put(info.name(), TensorView.of(values, info.shape().toArray()));
    }
    source = MemoryWeights.of(views);
  }

  /// The same memory, as loaders read it.
  public WeightSource source() {
    return source;
  }

  /// Asserts that what a network computes depends on each weight, by writing one after the other,
  /// and comes back to the bit with the old values.
  ///
  /// @param compute builds the network from these weights and gives all its outputs
  public void assertEachCounts(Function<WeightSource, float[]> compute) {
    float[] before = compute.apply(source);
    for (float value : before) {
      assertTrue(Float.isFinite(value), () -> "an output is " + value);
    }
    Random random = new Random(12);
    arrays.forEach(
        (name, values) -> {
          float[] kept = values.clone();
          for (int i = 0; i < values.length; i++) {
            values[i] += (float) (0.1 * random.nextGaussian());
          }
          float[] after = compute.apply(source);
          assertFalse(Arrays.equals(before, after), () -> "nothing depends on '" + name + "'");
          System.arraycopy(kept, 0, values, 0, values.length);
        });
    assertArrayEquals(before, compute.apply(source));
  }

  /// Asserts that steps down a measured slope bring the outputs nearer to a goal: in each step the
  /// slope along one random direction through all weights.
  ///
  /// @param compute builds the network from these weights and gives all its outputs
  public void assertLearns(Function<WeightSource, float[]> compute) {
    float[] goal = compute.apply(source);
    Random random = new Random(13);
    move(direction(random), 0.3); // away from the goal, which some weights therefore reach
    double first = loss(compute.apply(source), goal);
    double last = first;
    for (int step = 0; step < 3; step++) {
      List<float[]> direction = direction(random);
      double small = 1e-3;
      move(direction, small);
      double above = loss(compute.apply(source), goal);
      move(direction, -2 * small);
      double below = loss(compute.apply(source), goal);
      move(direction, small);
      last = descend(compute, goal, direction, above > below ? -1 : 1, last);
    }
    double ended = last;
    assertTrue(ended < first, () -> "the loss went from " + first + " to " + ended);
  }

  /// The longest of some steps that makes the loss smaller, or none.
  private double descend(
      Function<WeightSource, float[]> compute,
      float[] goal,
      List<float[]> direction,
      int sign,
      double before) {
    for (double length = 0.1; length > 1e-4; length /= 4) {
      move(direction, sign * length);
      double after = loss(compute.apply(source), goal);
      if (after < before) {
        return after;
      }
      move(direction, -sign * length);
    }
    return before;
  }

  private List<float[]> direction(Random random) {
    List<float[]> direction = new ArrayList<>();
    for (float[] values : arrays.values()) {
      float[] part = new float[values.length];
      for (int i = 0; i < part.length; i++) {
        part[i] = (float) (0.1 * random.nextGaussian());
      }
      direction.add(part);
    }
    return direction;
  }

  private void move(List<float[]> direction, double length) {
    int at = 0;
    for (float[] values : arrays.values()) {
      float[] part = direction.get(at++);
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (length * part[i]);
      }
    }
  }

  private static double loss(float[] outputs, float[] goal) {
    double sum = 0;
    for (int i = 0; i < goal.length; i++) {
      sum += Math.pow((double) outputs[i] - goal[i], 2);
    }
    return sum / goal.length;
  }
}
