package org.tantra.plugin.pytorch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// How the integers of a quantised tensor become numbers: `(integer − zero point) · scale`.
sealed interface Quantizer {
  /// How many channels may have a scale of their own.
  int MAXIMUM_CHANNELS = 1 << 16;

  /// Says so in texts, under keys that begin with `name`.
  void describe(String name, Map<String, String> metadata);

  /// The numbers that quantised integers stand for, as F32 in memory from `scratch`.
  TensorView expand(TensorView stored, SegmentAllocator scratch);

  private static TensorView room(TensorView stored, SegmentAllocator scratch) {
    long bytes = DType.F32.byteSize(stored.shape().elements());
    return new TensorView(
        DType.F32, stored.shape(), scratch.allocate(Math.max(bytes, 4), 4).asSlice(0, bytes));
  }

  private static void expand(
      TensorView stored, long from, long count, float scale, float zeroPoint, TensorView to) {
    MemorySegment memory = stored.memory();
    for (long i = from; i < from + count; i++) {
      int integer =
          switch (stored.dtype()) {
            case QU8 -> memory.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            case QI8 -> memory.get(ValueLayout.JAVA_BYTE, i);
            default -> memory.get(TensorView.I32, i * 4);
          };
      to.memory().set(TensorView.F32, i * 4, (integer - zeroPoint) * scale);
    }
  }

  /// One scale for all.
  record PerTensor(double scale, long zeroPoint) implements Quantizer {
    @Override
    public TensorView expand(TensorView stored, SegmentAllocator scratch) {
      TensorView numbers = room(stored, scratch);
      Quantizer.expand(
          stored, 0, stored.shape().elements(), (float) scale, (float) zeroPoint, numbers);
      return numbers;
    }

    @Override
    public void describe(String name, Map<String, String> metadata) {
      metadata.put(name + ".scale", Double.toString(scale));
      metadata.put(name + ".zero_point", Long.toString(zeroPoint));
    }
  }

  /// A scale for each index of one axis.
  record PerChannel(int axis, StridedTensor scales, StridedTensor zeroPoints) implements Quantizer {
    @Override
    public TensorView expand(TensorView stored, SegmentAllocator scratch) {
      TensorView numbers = room(stored, scratch);
      Shape shape = stored.shape();
      long inner = 1;
      for (int i = axis + 1; i < shape.rank(); i++) {
        inner *= shape.size(i);
      }
      try (Arena own = Arena.ofConfined()) {
        TensorView scale = scales.view(own);
        TensorView zeroPoint = zeroPoints.view(own);
        long channels = shape.size(axis);
        for (long at = 0; at < shape.elements(); at += inner) {
          long channel = at / inner % channels;
          Quantizer.expand(
              stored, at, inner, single(scale, channel), single(zeroPoint, channel), numbers);
        }
      }
      return numbers;
    }

    @Override
    public void describe(String name, Map<String, String> metadata) {
      metadata.put(name + ".axis", Integer.toString(axis));
      metadata.put(name + ".scale", numbers(scales));
      metadata.put(name + ".zero_point", numbers(zeroPoints));
    }

    private static String numbers(StridedTensor tensor) {
      try (Arena scratch = Arena.ofConfined()) {
        TensorView view = tensor.view(scratch);
        return LongStream.range(0, view.shape().elements())
            .mapToObj(i -> number(view, i))
            .collect(Collectors.joining(" "));
      }
    }

    private static float single(TensorView view, long index) {
      return switch (view.dtype()) {
        case I64 -> view.memory().get(TensorView.I64, index * 8);
        case I32 -> view.memory().get(TensorView.I32, index * 4);
        default -> view.floatAt(index);
      };
    }

    private static String number(TensorView view, long index) {
      return switch (view.dtype()) {
        case F64 -> Double.toString(view.memory().get(TensorView.F64, index * 8));
        case I64 -> Long.toString(view.memory().get(TensorView.I64, index * 8));
        case I32 -> Integer.toString(view.memory().get(TensorView.I32, index * 4));
        default -> Float.toString(view.floatAt(index));
      };
    }

    /// Whether scales and zero points may have this type.
    static boolean reads(DType dtype) {
      return switch (dtype) {
        case F64, F32, F16, BF16, I64, I32 -> true;
        default -> false;
      };
    }
  }
}
