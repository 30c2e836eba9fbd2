package org.tantra.bench;

import java.util.List;

/// What a row of measurements says.
final class Measured {
  private Measured() {}

  static double median(List<Double> values) {
    return quantile(values, 0.5);
  }

  /// @param share 0 is the smallest value, 1 the largest
  static double quantile(List<Double> values, double share) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get((int) Math.round((sorted.size() - 1) * share));
  }
}
