package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tantra.api.tensor.TensorInfo;

/// The weights a configuration asks for: what `generate` makes and `validate` compares with.
///
/// @param weights every weight, in the order a file should hold them
/// @param ignored names (whole, or ending in `*`) that checkpoints may carry and that say nothing,
///   such as mask buffers
public record WeightPlan(List<Weight> weights, List<String> ignored) {
  public WeightPlan {
    weights = List.copyOf(weights);
    ignored = List.copyOf(ignored);
    Set<String> names =
        weights.stream().map(weight -> weight.info().name()).collect(Collectors.toSet());
    if (names.size() != weights.size()) {
      throw new IllegalArgumentException("a weight is planned twice");
    }
  }

  /// How many numbers there are without the optional weights; a tied weight is planned, and
  /// counted, once.
  public long parameters() {
    return weights.stream()
        .filter(weight -> !weight.optional())
        .mapToLong(weight -> weight.info().shape().elements())
        .sum();
  }

  /// One weight.
  ///
  /// @param info name, dtype and shape
  /// @param start its values before any training
  /// @param optional whether a checkpoint may lack it, such as a head that can be tied; `generate`
  ///   leaves it out
  public record Weight(TensorInfo info, Start start, boolean optional) {
    public Weight {
      requireNonNull(info, "info");
      requireNonNull(start, "start");
    }

    public static Weight of(TensorInfo info, Start start) {
      return new Weight(info, start, false);
    }
  }

  /// The values of a weight before any training.
  public sealed interface Start {
    /// Normally distributed around 0.
    record Normal(double deviation) implements Start {}

    /// Evenly spread between two values.
    record Uniform(double from, double to) implements Start {}

    /// The same value everywhere.
    record Constant(double value) implements Start {}

    /// Row by row the natural logarithm of 1, 2, 3 …: how state-space models begin.
    record LogOfIndex() implements Start {}
  }

  /// What plans its weights: the default plans none.
  public interface Maker {
    /// Named configurations to generate weights for, each the content of a `config.json`: `small`
    /// fits a repository, `full` is the published size. Empty if this extension has no weights.
    default Map<String, Map<String, Object>> sizes() {
      return Map.of();
    }

    /// A configuration with what it leaves open, as users are shown it and weights are generated
    /// for it: each key of `full` that is not stated. An extension that reads several kinds of
    /// configuration, with keys of their own, completes each by its own.
    ///
    /// @param stated the `model` section of `Config/<id>.yaml`
    /// @return holds everything that is stated
    default Map<String, Object> completed(Map<String, Object> stated) {
      Map<String, Object> all = new LinkedHashMap<>(sizes().getOrDefault("full", Map.of()));
      all.putAll(stated);
      return all;
    }

    /// The weights that a configuration asks for, by names and shapes of the layout in which this
    /// extension's checkpoints are published.
    ///
    /// @param config a checkpoint's `config.json`, or the `model` section of `Config/<id>.yaml`
    /// @return nothing if this extension has no weights
    /// @throws TantraException `INVALID` or `UNSUPPORTED` if there is no such network
    default Optional<WeightPlan> weightPlan(Settings config) {
      return Optional.empty();
    }
  }
}
