package org.tantra.api.tensor;

import static java.util.Objects.requireNonNull;

/// What a header says about one tensor: enough to plan with, nothing read yet.
///
/// @param name the name in the state dict
/// @param dtype element type
/// @param shape sizes, outermost first
public record TensorInfo(String name, DType dtype, Shape shape) {
  /// @throws ArithmeticException if the shape does not fill whole blocks of the dtype or its bytes
  ///   overflow a `long`
  public TensorInfo {
    requireNonNull(name, "name");
    dtype.byteSize(shape.elements());
  }

  /// Bytes of the tensor in row-major order without padding.
  public long byteSize() {
    return dtype.byteSize(shape.elements());
  }
}
