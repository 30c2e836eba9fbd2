package org.tantra.host.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A state dict made from a seed, each weight when it is asked for. Holds nothing in memory itself;
/// equal plans and seeds give equal bytes.
public final class GeneratedWeights implements WeightSource {
  /// Metadata key that says that nobody has trained these weights.
  public static final String UNTRAINED = "untrained";

  private final Map<String, WeightPlan.Weight> weights = new LinkedHashMap<>();
  private final List<TensorInfo> tensors;
  private final Map<String, String> metadata;
  private final long seed;

  /// @param metadata goes into the file beside the marks of its making
  /// @throws TantraException `UNSUPPORTED` if a weight is of no plain floating point type
  public GeneratedWeights(WeightPlan plan, long seed, Map<String, String> metadata) {
    this.seed = seed;
    for (WeightPlan.Weight weight : plan.weights()) {
      if (!weight.optional()) {
        if (!Floats.TYPES.contains(weight.info().dtype())) {
          throw new TantraException(
              ErrorKind.UNSUPPORTED,
              "Weight '%s' is planned as %s; weights begin as F64, F32, F16 or BF16."
                  .formatted(weight.info().name(), weight.info().dtype()));
        }
        weights.put(weight.info().name(), weight);
      }
    }
    this.tensors = weights.values().stream().map(WeightPlan.Weight::info).toList();
    Map<String, String> marks = new LinkedHashMap<>(metadata);
    marks.put(UNTRAINED, "true");
    marks.put("seed", Long.toString(seed));
    marks.put("generator", "tantra-" + SeededValues.VERSION);
    this.metadata = Collections.unmodifiableMap(marks);
  }

  /// Whether a file says that nobody has trained its weights.
  public static boolean untrained(WeightSource source) {
    return "true".equals(source.metadata().get(UNTRAINED));
  }

  /// How many numbers there are.
  public long parameters() {
    return tensors.stream().mapToLong(info -> info.shape().elements()).sum();
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Optional<TensorInfo> info(String name) {
    return Optional.ofNullable(weights.get(name)).map(WeightPlan.Weight::info);
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    WeightPlan.Weight weight = weights.get(name);
    if (weight == null) {
      throw new TantraException(ErrorKind.NOT_FOUND, "No weight '%s' is planned.".formatted(name));
    }
    TensorInfo info = weight.info();
    MemorySegment memory = scratch.allocate(info.byteSize(), 64);
    new SeededValues(seed, info, weight.start()).fill(memory);
    return new TensorView(info.dtype(), info.shape(), memory);
  }
}
