package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.OpenOptions;
import org.tantra.api.Progress;
import org.tantra.host.Host;
import org.tantra.host.store.Validation;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.GeneratedWeights;

/// The weight store with real formats and a real model.
final class WeightStoreTest {
  private static final String TYPE = "mamba_multimodal";

  @TempDir Path home;

  @Test
  void seededWeightsAreTheSameInEveryFormatAndEachIsServed() throws Exception {
    Installation.fill(home, List.of("mamba", "safetensors", "pytorch"));
    try (Installation installation = Installation.start(home, "pf4j")) {
      Host host = installation.host();
      WeightStore store = host.store();
      GeneratedWeights weights =
          host.weights()
              .generator()
              .weights(TYPE, host.weights().generator().size(TYPE, "small"), 0);
      List<String> formats = List.of("safetensors", "pt", "bin");
      for (String format : formats) {
        var saving = new WeightStore.Saving(TYPE, null, "v1.0", null, format, false, "seed 0");
        var _ = store.save(weights, saving, Conversion.Listener.NONE, Cancellation.NEVER);
      }

      String before = "";
      for (String format : formats) {
        String name = TYPE + "_v1.0_" + format;
        Validation found = store.validate(store.weight(name), Progress.NONE, Cancellation.NEVER);
        assertEquals(List.of(), found.problems());
        assertEquals(List.of(), found.warnings());
        Path file = store.file(found.entry()).orElseThrow();
        assertEquals(name + "." + format, file.getFileName().toString());
        assertTrue(
            host.weights()
                .diff(store.weightPath(TYPE, "v1.0"), file, OpenOptions.NONE, Progress.NONE)
                .same());

        var _ = store.setActive(name);
        host.unload(TYPE);
        String now = Objects.requireNonNull(host.load(TYPE).fingerprint());
        assertNotEquals(before, now);
        before = now;
      }
    }
  }
}
