package org.tantra.api.tensor;

import java.util.Optional;

/// Element type of a tensor: how many bytes hold how many elements.
///
/// Plain types have one element per block. Packed types (`F4`, `F6_*`) and block-quantised types
/// (`Q4_0` …, as ggml defines them) store a whole block or nothing, so the element count of a
/// tensor is a multiple of [#blockElements()]. Multi-byte values are little-endian in memory.
public enum DType {
  BOOL(1, 1),
  U8(1, 1),
  I8(1, 1),
  U16(1, 2),
  I16(1, 2),
  U32(1, 4),
  I32(1, 4),
  U64(1, 8),
  I64(1, 8),
  F16(1, 2),
  /// The upper 16 bits of an F32.
  BF16(1, 2),
  F32(1, 4),
  F64(1, 8),
  /// Two F16, real part first.
  C32(1, 4),
  /// Two F32, real part first.
  C64(1, 8),
  /// Two F64, real part first.
  C128(1, 16),
  F8_E4M3(1, 1),
  F8_E5M2(1, 1),
  F8_E8M0(1, 1),
  F8_E4M3FNUZ(1, 1),
  F8_E5M2FNUZ(1, 1),
  /// Two 4-bit floats to a byte.
  F4(2, 1),
  /// Four 6-bit floats to three bytes.
  F6_E2M3(4, 3),
  /// Four 6-bit floats to three bytes.
  F6_E3M2(4, 3),
  /// PyTorch quantised integers; scale and zero point travel beside the tensor.
  QI8(1, 1),
  QU8(1, 1),
  QI32(1, 4),
  Q4_0(32, 18),
  Q4_1(32, 20),
  Q5_0(32, 22),
  Q5_1(32, 24),
  Q8_0(32, 34),
  Q2_K(256, 84),
  Q3_K(256, 110),
  Q4_K(256, 144),
  Q5_K(256, 176),
  Q6_K(256, 210),
  Q8_K(256, 292),
  IQ4_NL(32, 18),
  MXFP4(32, 17),
  TQ1_0(256, 54),
  TQ2_0(256, 66);

  private final int blockElements;
  private final int blockBytes;

  DType(int blockElements, int blockBytes) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /// Elements in one block; 1 for plain types.
  public int blockElements() {
    return blockElements;
  }

  /// Bytes of one block; the element size for plain types.
  public int blockBytes() {
    return blockBytes;
  }

  /// Bytes that `elements` elements take.
  ///
  /// @throws ArithmeticException if `elements` is negative, does not fill whole blocks, or the size
  ///   overflows a `long`
  public long byteSize(long elements) {
    if (elements < 0 || elements % blockElements != 0) {
      throw new ArithmeticException(
          elements + " elements do not fill whole blocks of " + blockElements + " (" + this + ")");
    }
    return Math.multiplyExact(elements / blockElements, (long) blockBytes);
  }

  /// The type with exactly this name, or nothing.
  public static Optional<DType> named(String name) {
    for (DType dtype : values()) {
      if (dtype.name().equals(name)) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }
}
