package org.tantra.api.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// Sizes of a tensor, outermost first; the empty shape `[]` is one number. Immutable.
public final class Shape {
  private static final Shape SCALAR = new Shape(new long[0]);

  private final long[] sizes;
  private final long elements;

  private Shape(long[] sizes) {
    long product = 1;
    for (long size : sizes) {
      if (size < 0) {
        throw new IllegalArgumentException("negative size in shape " + Arrays.toString(sizes));
      }
      product = Math.multiplyExact(product, size);
    }
    this.sizes = sizes;
    this.elements = product;
  }

  /// @throws IllegalArgumentException if a size is negative
  /// @throws ArithmeticException if the product, taken from left to right, overflows a `long`
  public static Shape of(long... sizes) {
    return sizes.length == 0 ? SCALAR : new Shape(sizes.clone());
  }

  /// How many sizes there are; 0 for one number.
  public int rank() {
    return sizes.length;
  }

  /// Size of one axis; negative axes count from the end, so `size(-1)` is the innermost.
  ///
  /// @throws IndexOutOfBoundsException if there is no such axis
  public long size(int axis) {
    return sizes[axis < 0 ? sizes.length + axis : axis];
  }

  /// Product of all sizes; 1 for the empty shape.
  public long elements() {
    return elements;
  }

  /// A fresh copy of the sizes.
  public long[] toArray() {
    return sizes.clone();
  }

  /// Whether the sizes are exactly these.
  public boolean is(long... expected) {
    return Arrays.equals(sizes, expected);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  /// As in messages: `[50257, 768]`.
  @Override
  public String toString() {
    return LongStream.of(sizes)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
