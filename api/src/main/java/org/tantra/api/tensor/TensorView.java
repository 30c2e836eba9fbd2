package org.tantra.api.tensor;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/// A typed look at memory somebody else owns: row-major, no strides, little-endian, not necessarily
/// aligned.
///
/// A view copies nothing and lives as long as its owner (a [org.tantra.api.WeightFile], an arena).
/// Access after that throws [IllegalStateException]. Safe to read from several threads; whoever
/// writes orders his own writes.
///
/// @param dtype element type
/// @param shape sizes, outermost first
/// @param memory exactly `dtype.byteSize(shape.elements())` bytes
public record TensorView(DType dtype, Shape shape, MemorySegment memory) {
  /// Little-endian F32 at any address.
  public static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Little-endian I32 at any address.
  public static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Little-endian I64 at any address.
  public static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Little-endian 16-bit pattern (F16, BF16, I16) at any address.
  public static final ValueLayout.OfShort BITS16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Little-endian F64 at any address.
  public static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int STEP_BYTES = 64 << 10;

  /// @throws IllegalArgumentException if `memory` has not the size that dtype and shape ask for
  public TensorView {
    requireNonNull(memory, "memory");
    long expected = dtype.byteSize(shape.elements());
    if (memory.byteSize() != expected) {
      throw new IllegalArgumentException(
          dtype
              + " "
              + shape
              + " takes "
              + expected
              + " bytes, the memory has "
              + memory.byteSize());
    }
  }

  /// An F32 view of a Java array, sharing its elements.
  ///
  /// @throws IllegalArgumentException if the shape has another element count
  public static TensorView of(float[] values, long... shape) {
    return new TensorView(DType.F32, Shape.of(shape), MemorySegment.ofArray(values));
  }

  /// Writes all bytes to a channel, a few at a time.
  ///
  /// @return how many
  public long copyTo(WritableByteChannel to) throws IOException {
    for (long at = 0; at < memory.byteSize(); at += STEP_BYTES) {
      MemorySegment part = memory.asSlice(at, Math.min(STEP_BYTES, memory.byteSize() - at));
      // Only native memory is sure to have a buffer: that of a float[], say, has none.
      ByteBuffer step =
          part.isNative()
              ? part.asByteBuffer()
              : ByteBuffer.wrap(part.toArray(ValueLayout.JAVA_BYTE));
      while (step.hasRemaining()) {
        to.write(step);
      }
    }
    return memory.byteSize();
  }

  /// Element `index` of an F32, F16, BF16 or F64 tensor, widened or narrowed to `float`.
  ///
  /// For looks at single values and for tests; arithmetic goes through kernels.
  ///
  /// @throws IndexOutOfBoundsException if there is no such element
  /// @throws UnsupportedOperationException if the dtype is another one
  public float floatAt(long index) {
    return switch (dtype) {
      case F32 -> memory.get(F32, index * 4);
      case F16 -> Float.float16ToFloat(memory.get(BITS16, index * 2));
      case BF16 -> Float.intBitsToFloat(memory.get(BITS16, index * 2) << 16);
      case F64 -> (float) memory.get(F64, index * 8);
      default -> throw new UnsupportedOperationException("no single float value in " + dtype);
    };
  }

  /// All elements of an F32, F16, BF16 or F64 tensor, copied into a new array.
  ///
  /// @throws UnsupportedOperationException if the dtype is another one
  /// @throws ArithmeticException if there are more elements than an array holds
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(shape.elements())];
    if (dtype == DType.F32) {
      MemorySegment.copy(memory, F32, 0, values, 0, values.length);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = floatAt(i);
    }
    return values;
  }
}
