package org.tantra.host.weights;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.tantra.api.WeightPlan.Start;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// The values of one untrained weight. Each follows from the seed, the weight's name and the
/// value's place alone, so weights may be made in any order and in any part.
///
/// The generator is SplitMix64's output function over a counter: a Weyl sequence that begins at a
/// hash of seed and name. A normal value is the sum of the four 16-bit parts of one output, less
/// its mean: within 3.5 deviations, and close enough to normal for weights that nobody has trained,
/// at a tenth of the cost of logarithms and cosines. Every step is exact or one rounding, so every
/// machine makes the same bits.
///
/// No value is subnormal in its type: such values slow arithmetic down and mean nothing.
///
/// @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood 2014</a>
final class SeededValues {
  /// Goes into the metadata; counts up when the same seed makes other values.
  static final String VERSION = "1";

  private static final int CHUNK = 1 << 13;
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  /// Mean of the sum of four numbers from 0 to 65535.
  private static final int MEAN = 2 * 65535;

  /// Its standard deviation: four times the variance of one of them, under the root.
  private static final double DEVIATION = Math.sqrt(4 * (65536.0 * 65536 - 1) / 12);

  private final long key;
  private final Start start;
  private final TensorInfo info;

  SeededValues(long seed, TensorInfo info, Start start) {
    this.key = key(seed, info.name());
    this.start = start;
    this.info = info;
  }

  private static long key(long seed, String name) {
    long hash = mix(seed + GOLDEN);
    for (byte letter : name.getBytes(StandardCharsets.UTF_8)) {
      hash = mix(hash ^ (letter & 0xff)) + GOLDEN;
    }
    return hash;
  }

  private static long mix(long z) {
    long once = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long twice = (once ^ (once >>> 27)) * 0x94d049bb133111ebL;
    return twice ^ (twice >>> 31);
  }

  /// Fills a tensor's memory.
  void fill(MemorySegment memory) {
    long elements = info.shape().elements();
    float[] values = new float[CHUNK];
    double[] wide = info.dtype() == DType.F32 ? new double[0] : new double[CHUNK];
    for (long at = 0; at < elements; at += CHUNK) {
      int count = (int) Math.min(CHUNK, elements - at);
      values(at, values, count);
      flush(values, count);
      if (info.dtype() == DType.F32) {
        MemorySegment.copy(values, 0, memory, TensorView.F32, at * 4, count);
      } else {
        for (int i = 0; i < count; i++) {
          wide[i] = values[i];
        }
        Floats.write(info.dtype(), memory, at, wide, count);
      }
    }
  }

  private void values(long at, float[] values, int count) {
    switch (start) {
      case Start.Normal(double deviation) -> normal(at, values, count, deviation / DEVIATION);
      case Start.Uniform(double from, double to) -> uniform(at, values, count, from, to - from);
      case Start.Constant(double value) -> {
        for (int i = 0; i < count; i++) {
          values[i] = (float) value;
        }
      }
      case Start.LogOfIndex() -> {
        long row = Math.max(1, info.shape().rank() == 0 ? 1 : info.shape().size(-1));
        for (int i = 0; i < count; i++) {
          values[i] = (float) StrictMath.log((double) ((at + i) % row + 1));
        }
      }
    }
  }

  private void normal(long at, float[] values, int count, double scale) {
    long counter = key + at * GOLDEN;
    for (int i = 0; i < count; i++) {
      long bits = mix(counter + i * GOLDEN);
      long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
      values[i] = (float) ((sum - MEAN) * scale);
    }
  }

  private void uniform(long at, float[] values, int count, double from, double width) {
    long counter = key + at * GOLDEN;
    for (int i = 0; i < count; i++) {
      double share = (mix(counter + i * GOLDEN) >>> 11) * 0x1p-53;
      values[i] = (float) (from + share * width);
    }
  }

  private void flush(float[] values, int count) {
    float least = info.dtype() == DType.F16 ? 0x1p-14f : Float.MIN_NORMAL;
    for (int i = 0; i < count; i++) {
      values[i] = Math.abs(values[i]) < least ? 0 : values[i];
    }
  }
}
