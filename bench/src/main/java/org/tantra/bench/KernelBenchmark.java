package org.tantra.bench;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.tantra.api.Compute;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.Linear;
import org.tantra.nn.Linears;
import org.tantra.nn.WeightForm;
import org.tantra.nn.kernel.KernelChoice;
import org.tantra.nn.kernel.Kernels;

/// Kernels on one thread, scalar beside vector: the first map of GPT-2's MLP for one token and for
/// 16, and what runs between the maps.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class KernelBenchmark {
  private static final int IN = 768;
  private static final int OUT = 3072;
  private static final int TOKENS = 16;

  /// Each in a JVM of its own, where the choice is made once.
  @Param({"vector", "scalar"})
  public String kernels = "";

  private final Arena arena = Arena.ofShared();
  private final float[] x = new float[TOKENS * IN];
  private final float[] y = new float[TOKENS * OUT];
  private final float[] gain = new float[IN];
  private Kernels chosen = KernelChoice.current().kernels();
  private final Map<WeightForm, Linear> maps = new EnumMap<>(WeightForm.class);

  /// Makes the maps and checks that they agree.
  @Setup(Level.Trial)
  public void begin() {
    TensorView weight = RandomWeights.random(Shape.of(OUT, IN), 1, arena);
    for (int i = 0; i < x.length; i++) {
      x[i] = (i % 13 - 6) * 0.1f;
    }
    float exact = 0;
    for (WeightForm form : WeightForm.values()) {
      Linear map = new Linears(form, arena, Compute.SERIAL).rows(weight, null);
      maps.put(form, map);
      map.apply(y, x, 1);
      exact = form == WeightForm.AS_STORED ? y[7] : exact;
      if (Math.abs(y[7] - exact) > 0.1f) {
        throw new IllegalStateException(form + " is off: " + y[7] + ", not " + exact);
      }
    }
    chosen = KernelChoice.current().kernels();
  }

  @TearDown(Level.Trial)
  public void end() {
    arena.close();
  }

  private float[] map(WeightForm form, int tokens) {
    requireNonNull(maps.get(form)).apply(y, x, tokens);
    return y;
  }

  @Benchmark
  public float[] mapF32() {
    return map(WeightForm.AS_STORED, 1);
  }

  @Benchmark
  public float[] mapBf16() {
    return map(WeightForm.BF16, 1);
  }

  @Benchmark
  public float[] mapQ8() {
    return map(WeightForm.Q8_0, 1);
  }

  @Benchmark
  public float[] mapQ4() {
    return map(WeightForm.Q4_0, 1);
  }

  @Benchmark
  public float[] mapF32Of16Tokens() {
    return map(WeightForm.AS_STORED, TOKENS);
  }

  @Benchmark
  public float[] mapQ8Of16Tokens() {
    return map(WeightForm.Q8_0, TOKENS);
  }

  @Benchmark
  public float[] softmax() {
    System.arraycopy(x, 0, y, 0, IN);
    chosen.softmax(y, 0, IN);
    return y;
  }

  @Benchmark
  public float[] layerNorm() {
    chosen.layerNorm(y, 0, x, 0, gain, gain, 1e-5f);
    return y;
  }

  @Benchmark
  public float[] geluTanh() {
    System.arraycopy(x, 0, y, 0, OUT);
    chosen.geluTanh(y, 0, OUT);
    return y;
  }
}
