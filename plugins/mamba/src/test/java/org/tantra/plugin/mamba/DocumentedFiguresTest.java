package org.tantra.plugin.mamba;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tantra.api.Model;
import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.audio.LogMelFrames;

/// The sizes that docs/models.md names.
final class DocumentedFiguresTest {
  private static Settings size(Model model, String name) {
    return Settings.of(name, requireNonNull(model.sizes().get(name)));
  }

  private static double millions(Model model) {
    return model.weightPlan(size(model, "small")).orElseThrow().parameters() / 1e6;
  }

  @Test
  void ocrNative() {
    OcrNativeModel model = new OcrNativeModel();
    OcrConfig small = ConfigFile.plan(size(model, "small"), OcrConfig::of);
    OcrConfig full = ConfigFile.plan(size(model, "full"), OcrConfig::of);

    assertEquals(32, small.lineHeight());
    assertEquals(4, small.columnWidth());
    assertEquals(96, small.hidden());
    assertEquals(5, small.layers());
    assertEquals(128, small.vocab());
    assertEquals(0.71, millions(model), 0.005);
    assertEquals(512, full.hidden());
    assertEquals(12, full.layers());
    assertEquals(50_000, full.vocab());
  }

  @Test
  void mambaMultimodal() {
    MultimodalModel model = new MultimodalModel();
    MultimodalConfig small = ConfigFile.plan(size(model, "small"), MultimodalConfig::of);
    MultimodalConfig full = ConfigFile.plan(size(model, "full"), MultimodalConfig::of);

    assertEquals(64, small.hidden());
    assertEquals(2, small.layers());
    assertEquals(1_900, small.vocab());
    assertEquals(0.69, millions(model), 0.005);
    assertEquals(768, full.hidden());
    assertEquals(16, full.layers());
    assertEquals(100_000, full.vocab());
    for (MultimodalConfig config : new MultimodalConfig[] {small, full}) {
      assertEquals(8, config.experts());
      assertEquals(128, config.audioDim());
      assertEquals(16 * 16 * 3, config.visionDim());
    }
    assertEquals(10, 1000 * LogMelFrames.HOP_SAMPLES / LogMelFrames.SAMPLE_RATE_HZ);
    assertEquals(Map.of("num_experts", 8, "expert_capacity", 64), capacity(model));
  }

  private static Map<String, Object> capacity(Model model) {
    Map<String, Object> small = requireNonNull(model.sizes().get("small"));
    return Map.of(
        "num_experts", requireNonNull(small.get("num_experts")),
        "expert_capacity", requireNonNull(small.get("expert_capacity")));
  }
}
