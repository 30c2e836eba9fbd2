package org.tantra.plugin.pytorch;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// A tensor as PyTorch stores it: sizes and strides over a storage. Its bounds were checked by
/// whoever made it.
final class StridedTensor {
  private static final ValueLayout.OfShort BITS16 = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt BITS32 = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong BITS64 = ValueLayout.JAVA_LONG_UNALIGNED;

  private final Storage storage;
  private final long byteOffset;
  private final DType dtype;
  private final Shape shape;
  private final long[] strides;
  private final boolean conjugated;
  private final boolean negated;
  private final @Nullable Quantizer quantizer;

  /// @param byteOffset of the first element in the storage
  /// @param strides in elements, one for each size
  /// @param conjugated whether imaginary parts are stored with the opposite sign
  /// @param negated whether values are stored with the opposite sign
  StridedTensor(
      Storage storage,
      long byteOffset,
      DType dtype,
      Shape shape,
      long[] strides,
      boolean conjugated,
      boolean negated,
      @Nullable Quantizer quantizer) {
    this.storage = storage;
    this.byteOffset = byteOffset;
    this.dtype = dtype;
    this.shape = shape;
    this.strides = strides;
    this.conjugated = conjugated;
    this.negated = negated;
    this.quantizer = quantizer;
  }

  Storage storage() {
    return storage;
  }

  DType dtype() {
    return dtype;
  }

  Shape shape() {
    return shape;
  }

  /// Scale and zero point, if the elements are quantised.
  @Nullable Quantizer quantizer() {
    return quantizer;
  }

  /// Its elements in row-major order: a view of the storage if they lie there like that, otherwise
  /// gathered into memory from `scratch`.
  TensorView view(SegmentAllocator scratch) {
    MemorySegment content = storage.content(scratch);
    long elements = shape.elements();
    long bytes = dtype.byteSize(elements);
    if (elements == 0) {
      return new TensorView(dtype, shape, content.asSlice(0, 0));
    }
    boolean swap = isSwapped();
    int run = contiguousAxes();
    if (isPlain()) {
      return new TensorView(dtype, shape, content.asSlice(byteOffset, bytes));
    }
    MemorySegment copy = scratch.allocate(bytes, 8);
    gather(content, copy, run);
    if (swap) {
      swap(copy);
    }
    if (conjugated) {
      flipSigns(copy, 1, 2);
    }
    if (negated) {
      flipSigns(copy, 0, 1);
    }
    return new TensorView(dtype, shape, copy.asReadOnly());
  }

  /// Whether its elements lie in its storage as they are, in row-major order.
  boolean isPlain() {
    return contiguousAxes() == shape.rank() && !isSwapped() && !conjugated && !negated;
  }

  private boolean isSwapped() {
    return storage.bigEndian() && scalarBytes() > 1;
  }

  /// Where a plain tensor lies in the file.
  Optional<FileSlice> slice(MappedFile file) throws IOException {
    long elements = shape.elements();
    long from = elements == 0 ? 0 : byteOffset;
    return storage.slice(file).map(all -> all.slice(from, dtype.byteSize(elements)));
  }

  /// How many of the innermost axes lie in row-major order without gaps.
  private int contiguousAxes() {
    long expected = 1;
    int axes = 0;
    for (int axis = shape.rank() - 1; axis >= 0; axis--, axes++) {
      if (shape.size(axis) != 1 && strides[axis] != expected) {
        break;
      }
      expected *= shape.size(axis);
    }
    return axes;
  }

  /// Copies run after run; a run is the contiguous innermost axes, or one element.
  private void gather(MemorySegment from, MemorySegment to, int run) {
    int outer = shape.rank() - run;
    int elementBytes = dtype.blockBytes();
    long runBytes = elementBytes;
    for (int axis = outer; axis < shape.rank(); axis++) {
      runBytes *= shape.size(axis);
    }
    long[] index = new long[outer];
    long source = byteOffset;
    for (long target = 0; target < to.byteSize(); target += runBytes) {
      copy(from, source, to, target, runBytes);
      for (int axis = outer - 1; axis >= 0; axis--) {
        source += strides[axis] * elementBytes;
        if (++index[axis] < shape.size(axis)) {
          break;
        }
        source -= index[axis] * strides[axis] * elementBytes;
        index[axis] = 0;
      }
    }
  }

  private static void copy(
      MemorySegment from, long source, MemorySegment to, long target, long bytes) {
    if (bytes == 4) {
      to.set(BITS32, target, from.get(BITS32, source));
    } else if (bytes == 2) {
      to.set(BITS16, target, from.get(BITS16, source));
    } else {
      MemorySegment.copy(from, source, to, target, bytes);
    }
  }

  /// Bytes of what is swapped as one: an element, or half of a complex one.
  private int scalarBytes() {
    return switch (dtype) {
      case C32, C64, C128 -> dtype.blockBytes() / 2;
      default -> dtype.blockBytes();
    };
  }

  private void swap(MemorySegment memory) {
    int size = scalarBytes();
    for (long at = 0; at < memory.byteSize(); at += size) {
      switch (size) {
        case 2 -> memory.set(BITS16, at, Short.reverseBytes(memory.get(BITS16, at)));
        case 4 -> memory.set(BITS32, at, Integer.reverseBytes(memory.get(BITS32, at)));
        case 8 -> memory.set(BITS64, at, Long.reverseBytes(memory.get(BITS64, at)));
        default -> throw new AssertionError("no scalar has " + size + " bytes");
      }
    }
  }

  /// Flips the sign bit of every `step`-th scalar from `first` on. The memory is little-endian by
  /// now, so the sign is the top bit of a scalar's last byte.
  private void flipSigns(MemorySegment memory, int first, int step) {
    int size = scalarBytes();
    for (long at = (long) first * size; at < memory.byteSize(); at += (long) step * size) {
      long sign = at + size - 1;
      byte bits = memory.get(ValueLayout.JAVA_BYTE, sign);
      memory.set(ValueLayout.JAVA_BYTE, sign, (byte) (bits ^ 0x80));
    }
  }
}
