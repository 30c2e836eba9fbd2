package org.tantra.plugin.longvita;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.Settings;
import org.tantra.api.WeightSource;
import org.tantra.nn.StateDict;
import org.tantra.testkit.WritableWeights;

/// InternViT as a trainer uses it: every weight by name, written by it.
final class TrainerTest {
  /// A tower of 16 patches.
  static final Settings CONFIG =
      Settings.of(
          "test",
          Map.ofEntries(
              Map.entry("model_type", "intern_vit_6b"),
              Map.entry("norm_type", "layer_norm"),
              Map.entry("hidden_size", 32),
              Map.entry("num_hidden_layers", 2),
              Map.entry("num_attention_heads", 4),
              Map.entry("intermediate_size", 64),
              Map.entry("image_size", 28),
              Map.entry("patch_size", 7),
              Map.entry("qkv_bias", true),
              Map.entry("qk_normalization", false)));

  private static WritableWeights weights() {
    return new WritableWeights(new LongVitaEncoder().weightPlan(CONFIG).orElseThrow());
  }

  private static Function<WeightSource, float[]> looking() {
    VisionConfig config = VisionConfig.of(CONFIG);
    Random random = new Random(5);
    float[] pixels = new float[3 * 28 * 28];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return source -> {
      try (Arena copies = Arena.ofConfined()) {
        VisionWeights weights = VisionWeights.of(config, new StateDict("trainer", source, copies));
        return new VisionNetwork(config, weights, Compute.SERIAL)
            .forward(pixels, 28, 28, Cancellation.NEVER, VisionNetwork.Trace.NONE);
      }
    };
  }

  @Test
  void everyWeightCounts() {
    weights().assertEachCounts(looking());
  }

  @Test
  void towerLearns() {
    weights().assertLearns(looking());
  }
}
