package org.tantra.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// Weights in memory, of the shapes of a plan and of values like a trained network's: speed depends
/// on neither, except that values next to zero would cost hundreds of cycles each.
final class RandomWeights implements WeightSource {
  private static final float DEVIATION = 0.02f;

  private final List<TensorInfo> tensors;
  private final Arena arena;

  /// @param arena holds the weights
  RandomWeights(WeightPlan plan, Arena arena) {
    this.tensors =
        plan.weights().stream()
            .filter(weight -> !weight.optional())
            .map(WeightPlan.Weight::info)
            .toList();
    this.arena = arena;
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Optional<TensorInfo> info(String name) {
    return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    return random(info(name).orElseThrow().shape(), name.hashCode(), arena);
  }

  /// Evenly spread values of deviation 0.02.
  static TensorView random(Shape shape, long seed, Arena arena) {
    long elements = shape.elements();
    MemorySegment memory = arena.allocate(elements * 4, 64);
    SplittableRandom random = new SplittableRandom(seed);
    float width = DEVIATION * (float) Math.sqrt(12);
    for (long i = 0; i < elements; i += 2) {
      long bits = random.nextLong();
      memory.set(TensorView.F32, i * 4, ((int) bits * 0x1p-32f) * width);
      if (i + 1 < elements) {
        memory.set(TensorView.F32, i * 4 + 4, ((int) (bits >> 32) * 0x1p-32f) * width);
      }
    }
    return new TensorView(DType.F32, shape, memory);
  }
}
