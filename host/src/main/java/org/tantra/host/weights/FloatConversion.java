package org.tantra.host.weights;

import java.lang.foreign.MemorySegment;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// Converts numbers of the four floating point types of [Floats] to another of them and says what
/// that did to them. For one thread.
///
/// Between F32 and the 16-bit types, which is what models are converted between, numbers go by way
/// of `float` in loops that the compiler unrolls; all other pairs by way of `double`.
final class FloatConversion {
  private static final int CHUNK = 1 << 13;

  private final DType from;
  private final DType to;
  private final boolean exact;
  private final float[] floats = new float[CHUNK];
  private final short[] bits = new short[CHUNK];
  private final double[] before;
  private final double[] after;

  FloatConversion(DType from, DType to) {
    this.from = from;
    this.to = to;
    this.exact = Floats.holdsAllOf(to, from);
    boolean doubles = !narrows() && !widens();
    this.before = new double[doubles ? CHUNK : 0];
    this.after = new double[doubles ? CHUNK : 0];
  }

  private boolean narrows() {
    return from == DType.F32 && isHalf(to);
  }

  private boolean widens() {
    return isHalf(from) && to == DType.F32;
  }

  private static boolean isHalf(DType dtype) {
    return dtype == DType.F16 || dtype == DType.BF16;
  }

  /// Converts the first `elements` numbers of `source` into `target`.
  Rounding convert(MemorySegment source, MemorySegment target, long elements) {
    Rounding rounding = new Rounding(elements, 0, 0, 0);
    for (long at = 0; at < elements; at += CHUNK) {
      int count = (int) Math.min(CHUNK, elements - at);
      if (narrows()) {
        rounding = rounding.plus(narrow(source, target, at, count));
      } else if (widens()) {
        widen(source, target, at, count);
      } else {
        rounding = rounding.plus(byDouble(source, target, at, count));
      }
    }
    return rounding;
  }

  private Rounding byDouble(MemorySegment source, MemorySegment target, long at, int count) {
    Floats.read(from, source, at, before, count);
    Floats.write(to, target, at, before, count);
    if (exact) {
      return Rounding.NONE;
    }
    Floats.read(to, target, at, after, count);
    return Rounding.between(before, after, count);
  }

  private void widen(MemorySegment source, MemorySegment target, long at, int count) {
    MemorySegment.copy(source, TensorView.BITS16, at * 2, bits, 0, count);
    if (from == DType.BF16) {
      for (int i = 0; i < count; i++) {
        floats[i] = Float.intBitsToFloat(bits[i] << 16);
      }
    } else {
      for (int i = 0; i < count; i++) {
        floats[i] = Float.float16ToFloat(bits[i]);
      }
    }
    MemorySegment.copy(floats, 0, target, TensorView.F32, at * 4, count);
  }

  private Rounding narrow(MemorySegment source, MemorySegment target, long at, int count) {
    MemorySegment.copy(source, TensorView.F32, at * 4, floats, 0, count);
    if (to == DType.BF16) {
      for (int i = 0; i < count; i++) {
        bits[i] = Floats.floatToBfloat16(floats[i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        bits[i] = Float.floatToFloat16(floats[i]);
      }
    }
    MemorySegment.copy(bits, 0, target, TensorView.BITS16, at * 2, count);
    return difference(count);
  }

  /// What became of the floats. A number and its nearest neighbour in the smaller type differ by a
  /// number that is a `float` itself.
  private Rounding difference(int count) {
    long changed = 0;
    long overflowed = 0;
    float largest = 0;
    for (int i = 0; i < count; i++) {
      float now =
          to == DType.BF16 ? Float.intBitsToFloat(bits[i] << 16) : Float.float16ToFloat(bits[i]);
      float difference = Math.abs(floats[i] - now);
      changed += difference > 0 ? 1 : 0;
      overflowed += difference == Float.POSITIVE_INFINITY ? 1 : 0;
      largest = difference > largest && difference <= Float.MAX_VALUE ? difference : largest;
    }
    return new Rounding(0, changed, overflowed, largest);
  }
}
