package org.tantra.plugin.longvita;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.tensor.Shape;
import org.tantra.nn.parity.Comparison;

/// Compares a tower with the reference implementation: InternViT with Long-VITA's projector for
/// pictures of several sizes, ViT and CLIP with their heads.
public final class VisionParity implements ParityCheck {
  private static final String INPUT = "in.pixel_values";

  @Override
  public Set<String> families() {
    return Set.of("internvit-longvita", "vit");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    Compute compute = golden.compute();
    try (LoadedVision loaded =
        LongVitaEncoder.load(golden.checkpoint(), compute, 1, FrameChoice.CONTEXT_16K)) {
      double tolerance = golden.expected().section("tolerance").number("max_abs");
      Comparison comparison = new Comparison(golden, tolerance, 0);
      for (String name : new TreeSet<>(comparison.unread())) {
        if (name.endsWith(INPUT)) {
          String prefix = name.substring(0, name.length() - INPUT.length());
          new Run(loaded.network(), comparison, prefix).compare();
        }
      }
      return comparison.findings();
    }
  }

  private record Run(VisionNetwork network, Comparison comparison, String prefix) {
    void compare() {
      Shape shape = comparison.info(prefix + INPUT).shape();
      float[] all = comparison.floats(prefix + INPUT);
      int pictures = Math.toIntExact(shape.size(0));
      int height = Math.toIntExact(shape.size(2));
      int width = Math.toIntExact(shape.size(3));
      Rows rows = new Rows(pictures);
      for (int i = 0; i < pictures; i++) {
        int length = all.length / pictures;
        float[] pixels = Arrays.copyOfRange(all, i * length, (i + 1) * length);
        compute(rows, i, pixels, height, width);
      }
      rows.all.forEach(
          (name, values) -> {
            if (comparison.has(prefix + name)) {
              comparison.check(prefix + name, values);
            }
          });
    }

    private void compute(Rows rows, int i, float[] pixels, int height, int width) {
      float[] x =
          network.forward(
              pixels,
              height,
              width,
              Cancellation.NEVER,
              (place, values) -> {
                rows.put(place.equals("first_norm") ? "hidden.pre_layernorm" : place, i, values);
                if (place.equals("embeddings")) {
                  rows.put("hidden.embeddings", i, values);
                }
              });
      network.finish(x);
      rows.put("last_hidden_state", i, x);
      float[] vector = network.classVector(x);
      rows.put("pooler_output.cls", i, vector);
      rows.put("pooler_output", i, vector);
      rows.put("embedding.cls", i, vector);
      rows.put("mean_of_patches", i, network.patchMean(x));
      rows.put("embedding.mean_patches", i, network.patchMean(x));
      float[] scores = network.head(vector);
      if (scores != null) {
        rows.put("logits", i, scores);
        rows.put("image_embeds", i, scores);
        rows.put("image_embeds.l2_normalised", i, unit(scores));
      }
      Projector projector = network.projector();
      if (projector != null) {
        int side = network.config().patchSize();
        float[] cells = projector.shuffle(x, height / side, width / side);
        rows.put("projector.shuffled", i, cells);
        rows.put("projector.out", i, projector.project(cells.clone()));
      }
    }

    private static float[] unit(float[] vector) {
      double square = 0;
      for (float value : vector) {
        square += (double) value * value;
      }
      float[] unit = new float[vector.length];
      for (int i = 0; i < unit.length; i++) {
        unit[i] = (float) (vector[i] / Math.sqrt(square));
      }
      return unit;
    }
  }

  /// Outputs of several pictures one behind the other, as golden cases store them.
  private static final class Rows {
    final Map<String, float[]> all = new TreeMap<>();
    private final int pictures;

    Rows(int pictures) {
      this.pictures = pictures;
    }

    void put(String name, int row, float[] values) {
      float[] whole = all.computeIfAbsent(name, _ -> new float[pictures * values.length]);
      System.arraycopy(values, 0, whole, row * values.length, values.length);
    }
  }
}
