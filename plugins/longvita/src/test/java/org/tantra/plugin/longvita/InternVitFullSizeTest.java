package org.tantra.plugin.longvita;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.Settings;
import org.tantra.api.WeightPlan;
import org.tantra.testkit.GoldenCase;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TestLoadContext;

/// InternViT-300M-448px at its real size with random weights. Prints time and memory:
///
/// `mvn -pl plugins/longvita -am verify -Dgroups=fullsize -DexcludedGroups=none
/// -Dtest=InternVitFullSizeTest -Dsurefire.failIfNoSpecifiedTests=false`
@Tag("fullsize")
final class InternVitFullSizeTest {
  /// As many threads as the machine has cores.
  private static final class AllCores implements Compute, AutoCloseable {
    private final ForkJoinPool pool = new ForkJoinPool(threads());

    @Override
    public int threads() {
      return Runtime.getRuntime().availableProcessors();
    }

    @Override
    public void parallel(int parts, Part body) {
      pool.submit(() -> IntStream.range(0, parts).parallel().forEach(body::run)).join();
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  @Test
  void publishedSizeEncodesAPicture() {
    LongVitaEncoder encoder = new LongVitaEncoder();
    Map<String, Object> config = requireNonNull(encoder.sizes().get("full"));
    WeightPlan plan = encoder.weightPlan(Settings.of("full", config)).orElseThrow();
    PlannedCheckpoint checkpoint = PlannedCheckpoint.of(plan, config);
    long began = System.nanoTime();
    try (AllCores cores = new AllCores();
        LoadedEncoder loaded =
            encoder.load(TestLoadContext.empty().withCheckpoint(checkpoint).withCompute(cores));
        GoldenCase pictures = GoldenCase.of(getClass(), "longvita-pixels-up")) {
      long ready = System.nanoTime();
      byte[] bytes = pictures.file("input.png").orElseThrow().toArray(ValueLayout.JAVA_BYTE);
      Media picture = new Media.Encoded(Modality.IMAGE, MemorySegment.ofArray(bytes));
      double[] seconds = new double[3];
      for (int i = 0; i < seconds.length; i++) {
        long start = System.nanoTime();
        assertEquals(768, loaded.embed(picture, Cancellation.NEVER).shape().elements());
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
      System.out.printf(
          "InternViT-300M-448px: %d parameters, loaded in %.2f s, %d MiB resident, one picture on"
              + " %d threads in %s s%n",
          plan.parameters(),
          (ready - began) / 1e9,
          loaded.residentBytes() >> 20,
          cores.threads(),
          List.of(seconds[0], seconds[1], seconds[2]));
    }
  }
}
