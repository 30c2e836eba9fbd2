package org.tantra.host.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Set;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// Reads and writes numbers of the four plain floating point types by way of `double`, which holds
/// each of them exactly.
final class Floats {
  /// The types that convert among one another.
  static final Set<DType> TYPES = Set.of(DType.F16, DType.BF16, DType.F32, DType.F64);

  private Floats() {}

  /// Whether a tensor's numbers can be had as one of these types.
  static boolean readable(WeightSource source, DType dtype) {
    return TYPES.contains(dtype) || source.expands().contains(dtype);
  }

  /// A tensor as one of these types: as it is, or expanded to F32 if it is quantised.
  static TensorView view(WeightSource source, TensorInfo info, SegmentAllocator scratch) {
    return TYPES.contains(info.dtype())
        ? source.tensor(info.name(), scratch)
        : source.expanded(info.name(), scratch);
  }

  /// Whether every value of one type is a value of the other.
  static boolean holdsAllOf(DType to, DType from) {
    return to == from
        || to == DType.F64
        || (to == DType.F32 && from != DType.F64); // block types are defined by their F32 numbers
  }

  /// Reads elements `from` to `from + count - 1` of a tensor's memory.
  static void read(DType dtype, MemorySegment memory, long from, double[] values, int count) {
    switch (dtype) {
      case F64 -> MemorySegment.copy(memory, TensorView.F64, from * 8, values, 0, count);
      case F32 -> {
        for (int i = 0; i < count; i++) {
          values[i] = memory.get(TensorView.F32, (from + i) * 4);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          values[i] = Float.float16ToFloat(memory.get(TensorView.BITS16, (from + i) * 2));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          values[i] = bfloat16ToFloat(memory.get(TensorView.BITS16, (from + i) * 2));
        }
      }
      default -> throw new IllegalArgumentException("no floating point type: " + dtype);
    }
  }

  /// Writes them, each rounded to the nearest value of the type, ties to even.
  static void write(DType dtype, MemorySegment memory, long from, double[] values, int count) {
    switch (dtype) {
      case F64 -> MemorySegment.copy(values, 0, memory, TensorView.F64, from * 8, count);
      case F32 -> {
        for (int i = 0; i < count; i++) {
          memory.set(TensorView.F32, (from + i) * 4, (float) values[i]);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          short bits = Float.floatToFloat16(toOdd(values[i]));
          memory.set(TensorView.BITS16, (from + i) * 2, bits);
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          memory.set(TensorView.BITS16, (from + i) * 2, floatToBfloat16(toOdd(values[i])));
        }
      }
      default -> throw new IllegalArgumentException("no floating point type: " + dtype);
    }
  }

  private static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /// The nearest value of BF16, ties to even.
  static short floatToBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40); // stays a NaN even if its payload is cut off
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /// The value as a float that rounds to 16 bits as the value itself would: cut towards zero, with
  /// the last bit set if anything was cut off. Rounding twice to the nearest would err on ties.
  ///
  /// @see <a href="https://doi.org/10.1109/TC.2007.70819">Boldo and Melquiond 2008, odd
  ///   rounding</a>
  private static float toOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Double.isNaN(value)) {
      return nearest;
    }
    float cut = Math.abs((double) nearest) > Math.abs(value) ? towardsZero(nearest) : nearest;
    return Float.intBitsToFloat(Float.floatToRawIntBits(cut) | 1);
  }

  private static float towardsZero(float value) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(value) - 1);
  }
}
