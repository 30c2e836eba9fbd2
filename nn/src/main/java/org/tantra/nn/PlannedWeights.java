package org.tantra.nn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A state dict that notes what it is asked for instead of reading it, so that the code which loads
/// a network's weights is also the one that plans them.
///
/// Every look-up answers with an empty tensor, `[0]`: good for putting a record of weights
/// together, not for building a network from it. Nothing is there before it is asked for, so [#has]
/// is false and [#weightIfPresent] gives nothing; what a checkpoint may bring beyond its
/// configuration is noted by [#optional].
public final class PlannedWeights extends StateDict {
  /// More than any network has, and few enough to list.
  private static final int MAXIMUM_WEIGHTS = 1 << 18;

  private static final TensorView NOTHING =
      new TensorView(DType.F32, Shape.of(0), MemorySegment.NULL);

  private final DType dtype;
  private final Function<TensorInfo, WeightPlan.Start> starts;
  private final Map<String, WeightPlan.Weight> weights = new LinkedHashMap<>();
  private final List<String> ignored = new ArrayList<>();

  /// @param dtype of every weight
  /// @param starts the values that a weight has before any training
  public PlannedWeights(DType dtype, Function<TensorInfo, WeightPlan.Start> starts) {
    super("a plan", new NoWeights(), SegmentAllocator.prefixAllocator(MemorySegment.NULL));
    this.dtype = dtype;
    this.starts = starts;
  }

  /// @return an empty tensor
  @Override
  public TensorView weight(String name, long... shape) {
    note(name, false, shape);
    return NOTHING;
  }

  /// Notes a weight that a checkpoint may lack.
  public void optional(String name, long... shape) {
    note(name, true, shape);
  }

  /// Notes a name, perhaps ending in `*`, that a checkpoint may carry and that says nothing.
  public void ignore(String name) {
    ignored.add(name);
  }

  /// How PyTorch begins linear maps and convolutions: spread evenly over one over the root of the
  /// number of inputs of one output.
  public static WeightPlan.Start spreadByInputs(TensorInfo info) {
    double inputs = (double) info.shape().elements() / info.shape().size(0);
    double bound = 1 / Math.sqrt(inputs);
    return new WeightPlan.Start.Uniform(-bound, bound);
  }

  private void note(String name, boolean optional, long... shape) {
    if (weights.size() >= MAXIMUM_WEIGHTS) {
      throw new TantraException(
          ErrorKind.INVALID,
          "The configuration asks for more than %d weights. Check the number of layers."
              .formatted(MAXIMUM_WEIGHTS));
    }
    TensorInfo info;
    try {
      info = new TensorInfo(name, dtype, Shape.of(shape));
    } catch (ArithmeticException e) {
      throw new TantraException(
          ErrorKind.INVALID, "Weight '%s' would be too large to count.".formatted(name), e);
    }
    weights.putIfAbsent(name, new WeightPlan.Weight(info, starts.apply(info), optional));
  }

  /// All that was asked for, in that order.
  public WeightPlan plan() {
    return new WeightPlan(List.copyOf(weights.values()), ignored);
  }

  private static final class NoWeights implements WeightSource {
    @Override
    public Map<String, String> metadata() {
      return Map.of();
    }

    @Override
    public List<TensorInfo> tensors() {
      return List.of();
    }

    @Override
    public Optional<TensorInfo> info(String name) {
      return Optional.empty();
    }

    @Override
    public TensorView tensor(String name, SegmentAllocator scratch) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no weight '%s'.".formatted(name));
    }
  }
}
