package org.tantra.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A checkpoint in memory made from a [WeightPlan], which notes what a loader reads of it.
public final class PlannedCheckpoint implements Checkpoint {
  private static final String CONFIG = "config.json";

  private final Map<String, Object> config;
  private final MemoryWeights weights;
  private final Set<String> read = new TreeSet<>();

  private PlannedCheckpoint(Map<String, Object> config, MemoryWeights weights) {
    this.config = config;
    this.weights = weights;
  }

  /// Small random values for all weights that must be there, as F32.
  public static PlannedCheckpoint of(WeightPlan plan, Map<String, Object> config) {
    return without("", plan, config);
  }

  private static PlannedCheckpoint without(
      String missing, WeightPlan plan, Map<String, Object> config) {
    Random random = new Random(4);
    Map<String, TensorView> weights = new LinkedHashMap<>();
    for (WeightPlan.Weight weight : plan.weights()) {
      if (!weight.optional() && !weight.info().name().equals(missing)) {
        TensorInfo info = weight.info();
        float[] values = new float[Math.toIntExact(info.shape().elements())];
        for (int i = 0; i < values.length; i++) {
          values[i] = value(weight.start(), random);
        }
        weights.put(info.name(), TensorView.of(values, info.shape().toArray()));
      }
    }
    return new PlannedCheckpoint(config, MemoryWeights.of(weights));
  }

  private static float value(WeightPlan.Start start, Random random) {
    return switch (start) {
      case WeightPlan.Start.Normal(double deviation) -> (float) (random.nextGaussian() * deviation);
      case WeightPlan.Start.Uniform(double from, double to) ->
          (float) (from + random.nextDouble() * (to - from));
      case WeightPlan.Start.Constant(double value) -> (float) value;
      case WeightPlan.Start.LogOfIndex() -> (float) Math.log(1 + random.nextInt(16));
    };
  }

  /// Asserts that a model's loader reads exactly what its plan says, and that it misses what is not
  /// there.
  public static void assertPlanAndLoaderAgree(Model model, Map<String, Object> config) {
    WeightPlan plan =
        model.weightPlan(Settings.of("the test's configuration", config)).orElseThrow();
    PlannedCheckpoint checkpoint = of(plan, config);
    try (LoadedModel loaded = model.load(TestLoadContext.empty().withCheckpoint(checkpoint))) {
      assertEquals(names(plan), checkpoint.read, "what the loader reads of what is planned");
      assertEquals(false, loaded.fingerprint().isBlank());
    }
    List<WeightPlan.Weight> weights = plan.weights();
    for (WeightPlan.Weight weight : List.of(weights.get(1), weights.get(weights.size() / 2))) {
      if (!weight.optional()) {
        PlannedCheckpoint incomplete = without(weight.info().name(), plan, config);
        TantraException e =
            assertThrows(
                TantraException.class,
                () -> model.load(TestLoadContext.empty().withCheckpoint(incomplete)).close(),
                () -> "loads without '" + weight.info().name() + "'");
        assertEquals(ErrorKind.CORRUPT, e.kind(), e.getMessage());
      }
    }
  }

  private static Set<String> names(WeightPlan plan) {
    return plan.weights().stream()
        .filter(weight -> !weight.optional())
        .map(weight -> weight.info().name())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public String name() {
    return "planned";
  }

  @Override
  public String version() {
    return "1";
  }

  @Override
  public WeightSource weights() {
    return new WeightSource() {
      @Override
      public Map<String, String> metadata() {
        return weights.metadata();
      }

      @Override
      public List<TensorInfo> tensors() {
        return weights.tensors();
      }

      @Override
      public TensorView tensor(String name, SegmentAllocator scratch) {
        read.add(name);
        return weights.tensor(name, scratch);
      }
    };
  }

  @Override
  public Optional<Settings> json(String fileName) {
    return fileName.equals(CONFIG) ? Optional.of(Settings.of(CONFIG, config)) : Optional.empty();
  }

  @Override
  public Optional<MemorySegment> file(String fileName) {
    return Optional.empty();
  }
}
