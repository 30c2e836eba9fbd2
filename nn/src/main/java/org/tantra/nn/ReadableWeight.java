package org.tantra.nn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Which weights layers can read: as they lie in the file, or narrowed to F32 while loading.
public final class ReadableWeight {
  /// For messages.
  public static final String TYPES =
      "F32, F16, BF16, F64 and, in matrices of whole blocks, ggml's block types";

  private ReadableWeight() {}

  /// Whether [#of] turns a weight into one that layers read.
  public static boolean supports(DType dtype, Shape shape) {
    return dtype == DType.F64 || Linear.supports(dtype, shape);
  }

  /// The weight itself, or a copy of an F64 one, rounded to F32.
  ///
  /// @param copies outlives the layers
  public static TensorView of(TensorView weight, SegmentAllocator copies) {
    if (weight.dtype() != DType.F64) {
      return weight;
    }
    long elements = weight.shape().elements();
    long bytes = DType.F32.byteSize(elements);
    MemorySegment memory = copies.allocate(Math.max(bytes, 1), 64).asSlice(0, bytes);
    for (long i = 0; i < elements; i++) {
      memory.set(TensorView.F32, i * 4, weight.floatAt(i));
    }
    return new TensorView(DType.F32, weight.shape(), memory);
  }
}
