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
/// The weights are GPT-2's head, `[50257, 768]`, several times over, and each is read once in a
/// round of all: more than any cache of this class of machine holds, as the weights of a whole
/// network are.
final class Bandwidth {
  private static final int OUT = 50257;
  private static final int IN = 768;
  private static final int ROUNDS = 60;

  /// What the maps of a form take together, at least.
  private static final long BYTES = 512L << 20;

  private Bandwidth() {}

  static void run(PrintStream to) {
    to.println("type   threads  sum GB/s  product GB/s  share");
    try (Arena arena = Arena.ofShared()) {
      TensorView weight = RandomWeights.random(Shape.of(OUT, IN), 1, arena);
      for (int threads = 1; threads <= Runtime.getRuntime().availableProcessors(); threads++) {
        try (ComputePool pool = new ComputePool(threads, Bandwidth.class.getClassLoader())) {
          for (WeightForm form : WeightForm.values()) {
            try (Arena copies = Arena.ofShared()) {
              compare(to, form, maps(form, weight, copies, pool), pool);
            }
          }
        }
      }
    }
  }

  private static List<Linear> maps(
      WeightForm form, TensorView weight, Arena copies, ComputePool pool) {
    List<Linear> maps = new ArrayList<>();
    long bytes = 0;
    while (bytes < BYTES) {
      TensorView own = weight;
      if (form == WeightForm.AS_STORED) {
        MemorySegment memory = copies.allocate(weight.memory().byteSize(), 64);
        own = new TensorView(weight.dtype(), weight.shape(), memory.copyFrom(weight.memory()));
      }
      Linear map = new Linears(form, copies, pool).rows(own, null);
      maps.add(map);
      bytes += map.weight().memory().byteSize();
    }
    return maps;
  }

  private static void compare(
      PrintStream to, WeightForm form, List<Linear> maps, ComputePool pool) {
    float[] x = new float[IN];
    for (int i = 0; i < IN; i++) {
      x[i] = (i % 7 - 3) * 0.25f;
    }
    float[] y = new float[OUT];
    List<Double> sums = new ArrayList<>();
    List<Double> products = new ArrayList<>();
    int guard = 0;
    for (int round = -ROUNDS / 2; round < ROUNDS; round++) {
      Linear map = maps.get(Math.floorMod(round, maps.size()));
      MemorySegment memory = map.weight().memory();
      // Half of the others were read since.
      MemorySegment other =
          maps.get(Math.floorMod(round + maps.size() / 2, maps.size())).weight().memory();
      long began = Clock.nanos(pool.threads());
      guard += PlainSum.of(other, pool);
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
