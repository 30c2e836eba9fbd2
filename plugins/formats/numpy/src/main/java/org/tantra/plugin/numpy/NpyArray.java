package org.tantra.plugin.numpy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Turns the numbers of an array, as they lie in a file, into a row-major little-endian view.
final class NpyArray {
  private NpyArray() {}

  /// A view of `data` if it is in order already, otherwise a copy in memory from `scratch`.
  ///
  /// @param data the bytes behind the header
  static TensorView view(NpyHeader header, MemorySegment data, SegmentAllocator scratch) {
    Shape shape = header.shape();
    boolean transposed = isTransposed(header);
    if (isInOrder(header)) {
      return new TensorView(header.descr().dtype(), shape, data);
    }
    MemorySegment ordered = scratch.allocate(data.byteSize());
    int elementBytes = header.descr().dtype().blockBytes();
    if (transposed) {
      transpose(data, ordered, shape, elementBytes);
    } else {
      ordered.copyFrom(data);
    }
    if (header.descr().bigEndian()) {
      swap(ordered, numberBytes(header.descr()));
    }
    return new TensorView(header.descr().dtype(), shape, ordered);
  }

  /// Whether a view of the numbers needs no copy.
  static boolean isInOrder(NpyHeader header) {
    return !isTransposed(header) && !header.descr().bigEndian();
  }

  private static boolean isTransposed(NpyHeader header) {
    return header.columnMajor() && !isLine(header.shape()) && header.shape().elements() > 0;
  }

  /// Bytes of one number: of a complex type, a half.
  private static int numberBytes(NpyDescr descr) {
    return switch (descr.dtype()) {
      case C64, C128 -> descr.dtype().blockBytes() / 2;
      default -> descr.dtype().blockBytes();
    };
  }

  /// Whether at most one axis is longer than 1, so that both orders are the same.
  private static boolean isLine(Shape shape) {
    int longer = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      longer += shape.size(axis) > 1 ? 1 : 0;
    }
    return longer <= 1;
  }

  /// Copies elements from column-major to row-major order: targets in a row, sources by an odometer
  /// of indices whose last axis turns fastest.
  private static void transpose(
      MemorySegment from, MemorySegment to, Shape shape, int elementBytes) {
    int rank = shape.rank();
    long[] stride = new long[rank];
    long[] index = new long[rank];
    long next = elementBytes;
    for (int axis = 0; axis < rank; axis++) {
      stride[axis] = next;
      next *= shape.size(axis);
    }
    long source = 0;
    for (long target = 0; target < to.byteSize(); target += elementBytes) {
      copyElement(from, source, to, target, elementBytes);
      for (int axis = rank - 1; axis >= 0; axis--) {
        source += stride[axis];
        if (++index[axis] < shape.size(axis)) {
          break;
        }
        source -= stride[axis] * shape.size(axis);
        index[axis] = 0;
      }
    }
  }

  private static void copyElement(
      MemorySegment from, long source, MemorySegment to, long target, int bytes) {
    switch (bytes) {
      case 2 -> to.set(TensorView.BITS16, target, from.get(TensorView.BITS16, source));
      case 4 -> to.set(TensorView.I32, target, from.get(TensorView.I32, source));
      case 8 -> to.set(TensorView.I64, target, from.get(TensorView.I64, source));
      default -> MemorySegment.copy(from, source, to, target, bytes);
    }
  }

  private static void swap(MemorySegment numbers, int bytes) {
    for (long at = 0; at < numbers.byteSize(); at += bytes) {
      switch (bytes) {
        case 2 ->
            numbers.set(
                TensorView.BITS16, at, Short.reverseBytes(numbers.get(TensorView.BITS16, at)));
        case 4 ->
            numbers.set(TensorView.I32, at, Integer.reverseBytes(numbers.get(TensorView.I32, at)));
        default ->
            numbers.set(TensorView.I64, at, Long.reverseBytes(numbers.get(TensorView.I64, at)));
      }
    }
  }
}
