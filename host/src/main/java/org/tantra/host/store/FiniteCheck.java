package org.tantra.host.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// Looks for infinities and for what is no number. In each of the plain floating point types these
/// are the bit patterns from one value on, sign aside, so a block is searched only if its largest
/// pattern is among them: loops that the compiler turns into vector code.
final class FiniteCheck {
  /// Elements looked at together; small enough for the first cache.
  private static final int BLOCK = 4096;

  private static final int MOST_SHOWN = 8;

  private final int[] ints = new int[BLOCK];
  private final short[] shorts = new short[BLOCK];
  private final long[] longs = new long[BLOCK];

  /// What is wrong, one sentence for each weight.
  static List<String> of(WeightSource weights, Cancellation cancellation) {
    FiniteCheck check = new FiniteCheck();
    List<String> problems = new ArrayList<>();
    for (TensorInfo info : weights.tensors()) {
      cancellation.check();
      try (Arena scratch = Arena.ofConfined()) {
        TensorView view = weights.tensor(info.name(), scratch);
        long at = check.firstBad(view.dtype(), view.memory(), view.shape().elements());
        if (at >= 0 && problems.size() < MOST_SHOWN) {
          problems.add(
              "Weight '%s' holds an infinity or what is no number, first at element %d."
                  .formatted(info.name(), at));
        }
      }
    }
    return problems;
  }

  /// The index of the first element that is not finite; -1 if all are, or the type has no others.
  private long firstBad(DType dtype, MemorySegment memory, long elements) {
    for (long from = 0; from < elements; from += BLOCK) {
      int count = (int) Math.min(BLOCK, elements - from);
      int bad =
          switch (dtype) {
            case F32 -> bad32(memory, from, count);
            case F16 -> bad16(memory, from, count, 0x7c00);
            case BF16 -> bad16(memory, from, count, 0x7f80);
            case F64 -> bad64(memory, from, count);
            default -> -1;
          };
      if (bad >= 0) {
        return from + bad;
      }
    }
    return -1;
  }

  private int bad32(MemorySegment memory, long from, int count) {
    MemorySegment.copy(memory, ValueLayout.JAVA_INT_UNALIGNED, from * 4, ints, 0, count);
    int largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, ints[i] & 0x7fffffff);
    }
    for (int i = 0; largest >= 0x7f800000 && i < count; i++) {
      if ((ints[i] & 0x7fffffff) >= 0x7f800000) {
        return i;
      }
    }
    return -1;
  }

  private int bad16(MemorySegment memory, long from, int count, int limit) {
    MemorySegment.copy(memory, ValueLayout.JAVA_SHORT_UNALIGNED, from * 2, shorts, 0, count);
    int largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, shorts[i] & 0x7fff);
    }
    for (int i = 0; largest >= limit && i < count; i++) {
      if ((shorts[i] & 0x7fff) >= limit) {
        return i;
      }
    }
    return -1;
  }

  private int bad64(MemorySegment memory, long from, int count) {
    MemorySegment.copy(memory, ValueLayout.JAVA_LONG_UNALIGNED, from * 8, longs, 0, count);
    long limit = 0x7ffL << 52;
    for (int i = 0; i < count; i++) {
      if ((longs[i] & Long.MAX_VALUE) >= limit) {
        return i;
      }
    }
    return -1;
  }
}
