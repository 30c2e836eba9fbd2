package org.tantra.bench;

import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.tantra.api.Compute;
import org.tantra.api.tensor.Shape;
import org.tantra.nn.Linear;

/// What leaving out the weights of zeros saves: one token through a map as wide as the widest of
/// `spikingbrain`, with spike counts of which a share is zero, against the same map that reads all
/// weights. Both in turn, on the processor's clock.
final class Sparsity {
  private static final int IN = 3072;
  private static final int OUT = 768;
  private static final int ROUNDS = 200;
  private static final double[] SHARES = {0, 0.25, 0.5, 0.75, 0.9, 0.99};

  private Sparsity() {}

  static void run(PrintStream to) {
    to.println("zeros  all weights: µs  without those of zeros: µs  ratio");
    try (Arena arena = Arena.ofShared()) {
      // As many maps as no cache holds: a network's own are not read twice in a row either.
      List<Linear> maps = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        maps.add(
            Linear.columns(
                RandomWeights.random(Shape.of(IN, OUT), i, arena), null, Compute.SERIAL));
      }
      for (double share : SHARES) {
        measure(to, maps, share);
      }
    }
  }

  private static void measure(PrintStream to, List<Linear> maps, double share) {
    SplittableRandom random = new SplittableRandom(1);
    float[] spikes = new float[IN];
    for (int i = 0; i < IN; i++) {
      spikes[i] = random.nextDouble() < share ? 0 : 0.125f * (1 + random.nextInt(4));
    }
    float[] y = new float[OUT];
    List<Double> all = new ArrayList<>();
    List<Double> some = new ArrayList<>();
    for (int round = -ROUNDS / 2; round < ROUNDS; round++) {
      Linear map = maps.get(Math.floorMod(round, maps.size()));
      Linear other = maps.get(Math.floorMod(round + maps.size() / 2, maps.size()));
      long began = Clock.nanos(1);
      map.apply(y, spikes, 1);
      long between = Clock.nanos(1);
      other.applySparse(y, spikes, 1);
      long ended = Clock.nanos(1);
      if (round >= 0) {
        all.add((between - began) / 1e3);
        some.add((ended - between) / 1e3);
      }
    }
    double dense = Measured.median(all);
    double sparse = Measured.median(some);
    to.printf("%3.0f %% %16.0f %27.0f %6.1f%n", 100 * share, dense, sparse, dense / sparse);
  }
}
