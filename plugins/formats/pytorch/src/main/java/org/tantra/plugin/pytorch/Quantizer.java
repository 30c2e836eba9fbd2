package org.tantra.plugin.pytorch;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// How the integers of a quantised tensor become numbers: `(integer − zero point) · scale`.
sealed interface Quantizer {
  /// How many channels may have a scale of their own.
  int MAXIMUM_CHANNELS = 1 << 16;

  /// Says so in texts, under keys that begin with `name`.
  void describe(String name, Map<String, String> metadata);

  /// One scale for all.
  record PerTensor(double scale, long zeroPoint) implements Quantizer {
    @Override
    public void describe(String name, Map<String, String> metadata) {
      metadata.put(name + ".scale", Double.toString(scale));
      metadata.put(name + ".zero_point", Long.toString(zeroPoint));
    }
  }

  /// A scale for each index of one axis.
  record PerChannel(int axis, StridedTensor scales, StridedTensor zeroPoints) implements Quantizer {
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
