package org.tantra.host.weights;

/// What a conversion to a smaller type did to the numbers.
///
/// @param numbers how many were converted
/// @param changed how many are another number now
/// @param overflowed how many of these became infinite
/// @param largest largest absolute difference among those that stayed finite
public record Rounding(long numbers, long changed, long overflowed, double largest) {
  static final Rounding NONE = new Rounding(0, 0, 0, 0);

  /// Compares numbers with what became of them; NaN equals NaN.
  static Rounding between(double[] before, double[] after, int count) {
    long changed = 0;
    long overflowed = 0;
    double largest = 0;
    for (int i = 0; i < count; i++) {
      double difference = Math.abs(before[i] - after[i]);
      if (difference > 0) {
        changed++;
        if (Double.isInfinite(difference)) {
          overflowed++;
        } else {
          largest = Math.max(largest, difference);
        }
      }
    }
    return new Rounding(0, changed, overflowed, largest);
  }

  Rounding plus(Rounding other) {
    return new Rounding(
        numbers + other.numbers,
        changed + other.changed,
        overflowed + other.overflowed,
        Math.max(largest, other.largest));
  }
}
