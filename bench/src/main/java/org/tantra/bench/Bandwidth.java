package org.tantra.bench;

import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.concurrent.ComputePool;
import org.tantra.nn.Linear;
import org.tantra.nn.Linears;
import org.tantra.nn.WeightForm;

/// How fast a product with one token reads its weights, against a kernel that only adds up the same
/// memory: both in turn, so that what disturbs the machine disturbs both. Times are [Clock]'s.
///
/// The weight is GPT-2's head, `[50257, 768]`, which no cache of this class of machine holds in
/// F32.
final class Bandwidth {
  private static final int OUT = 50257;
  private static final int IN = 768;
  private static final int ROUNDS = 60;

  private Bandwidth() {}

  static void run(PrintStream to) {
    to.println("type   threads  sum GB/s  product GB/s  share");
    try (Arena arena = Arena.ofShared()) {
      TensorView weight = RandomWeights.random(Shape.of(OUT, IN), 1, arena);
      for (int threads = 1; threads <= Runtime.getRuntime().availableProcessors(); threads++) {
        try (ComputePool pool = new ComputePool(threads, Bandwidth.class.getClassLoader())) {
          for (WeightForm form : WeightForm.values()) {
            Linear map = new Linears(form, arena, pool).rows(weight, null);
            compare(to, form, map, pool);
          }
        }
      }
    }
  }

  private static void compare(PrintStream to, WeightForm form, Linear map, ComputePool pool) {
    MemorySegment memory = map.weight().memory();
    float[] x = new float[IN];
    for (int i = 0; i < IN; i++) {
      x[i] = (i % 7 - 3) * 0.25f;
    }
    float[] y = new float[OUT];
    List<Double> sums = new ArrayList<>();
    List<Double> products = new ArrayList<>();
    int guard = 0;
    for (int round = -ROUNDS / 2; round < ROUNDS; round++) {
      long began = Clock.nanos(pool.threads());
      guard += PlainSum.of(memory, pool);
      long between = Clock.nanos(pool.threads());
      map.apply(y, x, 1);
      long ended = Clock.nanos(pool.threads());
      if (round >= 0) {
        sums.add(memory.byteSize() / (double) (between - began));
        products.add(memory.byteSize() / (double) (ended - between));
      }
    }
    double sum = Measured.median(sums);
    double product = Measured.median(products);
    to.printf(
        "%-6s %7d %9.1f %13.1f %5.0f %%%s%n",
        form == WeightForm.AS_STORED ? "F32" : form,
        pool.threads(),
        sum,
        product,
        100 * product / sum,
        guard == 42 ? " " : "");
  }
}
