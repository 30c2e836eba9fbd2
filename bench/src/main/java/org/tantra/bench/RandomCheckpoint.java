package org.tantra.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightPlan.Start;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// Writes a safetensors file of the names and shapes of a plan, through a map, so that neither size
/// costs the heap anything. Values spread as widely as the plan's untrained ones; constants stay.
final class RandomCheckpoint {
  /// A value that the network must have for a run to say something.
  ///
  /// @param name how the weight's name ends
  /// @param value of all elements from `fromRow` on
  record Fixed(String name, long fromRow, float value) {}

  private RandomCheckpoint() {}

  /// @param dtype F32 or F16, for all weights
  /// @return bytes of the file
  static long write(Path file, WeightPlan plan, DType dtype, List<Fixed> fixed) throws IOException {
    List<WeightPlan.Weight> weights =
        plan.weights().stream().filter(weight -> !weight.optional()).toList();
    byte[] header = header(weights, dtype);
    long bytes = 8L + header.length + plan.parameters() * dtype.byteSize(1);
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, header.length);
      MemorySegment.copy(header, 0, memory, ValueLayout.JAVA_BYTE, 8, header.length);
      long at = 8L + header.length;
      for (WeightPlan.Weight weight : weights) {
        long size = weight.info().shape().elements() * dtype.byteSize(1);
        fill(memory.asSlice(at, size), weight, dtype, fixed);
        at += size;
      }
    }
    return bytes;
  }

  private static byte[] header(List<WeightPlan.Weight> weights, DType dtype) {
    StringBuilder json = new StringBuilder("{");
    long at = 0;
    for (WeightPlan.Weight weight : weights) {
      long size = weight.info().shape().elements() * dtype.byteSize(1);
      json.append(json.length() == 1 ? "" : ",")
          .append(
              "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                  .formatted(weight.info().name(), dtype, weight.info().shape(), at, at + size));
      at += size;
    }
    json.append('}');
    // Data must begin at a multiple of 8.
    json.append(" ".repeat(-json.length() & 7));
    return json.toString().getBytes(UTF_8);
  }

  private static void fill(
      MemorySegment memory, WeightPlan.Weight weight, DType dtype, List<Fixed> fixed) {
    String name = weight.info().name();
    long elements = weight.info().shape().elements();
    SplittableRandom random = new SplittableRandom(name.hashCode());
    float from =
        switch (weight.start()) {
          case Start.Normal(double deviation) -> (float) (-deviation * Math.sqrt(3));
          case Start.Uniform(double least, double _) -> (float) least;
          case Start.Constant(double value) -> (float) value;
          case Start.LogOfIndex() -> 0;
        };
    boolean constant = weight.start() instanceof Start.Constant;
    for (long i = 0; i < elements; i++) {
      // Evenly spread from `from` to `-from`.
      put(memory, dtype, i, constant ? from : from * (random.nextInt() * 0x1p-31f));
    }
    for (Fixed other : fixed) {
      if (name.endsWith(other.name())) {
        long row = elements / weight.info().shape().size(0);
        for (long i = other.fromRow() * row; i < elements; i++) {
          put(memory, dtype, i, other.value());
        }
      }
    }
  }

  private static void put(MemorySegment memory, DType dtype, long element, float value) {
    if (dtype == DType.F32) {
      memory.set(TensorView.F32, element * 4, value);
    } else {
      memory.set(TensorView.BITS16, element * 2, Float.floatToFloat16(value));
    }
  }
}
