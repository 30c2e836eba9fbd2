package org.tantra.plugin.tantra;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.tensor.Shape;
import org.tantra.nn.KvCache;
import org.tantra.nn.Workspace;
import org.tantra.nn.parity.Comparison;
import org.tantra.nn.parity.HiddenStates;
import org.tantra.nn.parity.LanguageModelParity;

/// Compares the network with the reference implementation: logits of every position with and
/// without an image, hidden states, the image's vector, the shortest and the longest row, and the
/// greedy continuation.
public final class TantraParity implements ParityCheck {
  private static final double ABSOLUTE = 5e-5;
  private static final double RELATIVE = 1e-5;

  @Override
  public Set<String> families() {
    return Set.of("tantra-multimodal");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    try (TantraModel.Loaded loaded = TantraModel.load(golden.checkpoint(), golden.compute())) {
      Comparison comparison = new Comparison(golden, ABSOLUTE, RELATIVE);
      new Run(loaded.network(), comparison).compare(golden);
      return comparison.findings();
    }
  }

  private record Run(TantraNetwork network, Comparison comparison) {
    void compare(ParityCase golden) {
      int[] ids = comparison.integers("input_ids");
      comparison.check("logits", logits(ids, null, ""));
      if (comparison.has("image")) {
        float[] vector = images("image")[0];
        comparison.check("image.vector", vector);
        comparison.check("logits_with_image", logits(ids, vector, ".with_image"));
      }
      if (comparison.has("batch.logits_with_image")) {
        comparison.check("batch.logits_with_image", batch());
      }
      if (comparison.has("one.logits")) {
        comparison.check("one.logits", logits(comparison.integers("one.input_ids"), null, null));
      }
      if (comparison.has("max.last_logits")) {
        float[] all = logits(comparison.integers("max.input_ids"), null, null);
        comparison.check(
            "max.last_logits", Arrays.copyOfRange(all, all.length - network.vocab(), all.length));
      }
      Settings greedy = golden.expected().section("greedy");
      int[] expected = toArray(greedy.integers("new_ids"));
      comparison.checkExactly(
          "greedy.new_ids",
          new LanguageModelParity(comparison, network)
              .greedy(toArray(greedy.integers("prompt_ids")), expected.length),
          expected);
    }

    /// Logits of every position.
    ///
    /// @param suffix of the hidden states to compare on the way; null for none
    private float[] logits(int[] ids, float @Nullable [] image, @Nullable String suffix) {
      TantraConfig config = network.config();
      HiddenStates hidden = new HiddenStates();
      try (KvCache cache = new KvCache(1, config.heads(), config.headDim(), config.context())) {
        float[] x =
            network.forward(
                ids, ids.length, image, cache, new Workspace(), Cancellation.NEVER, hidden::add);
        float[] logits = new float[ids.length * config.vocab()];
        network.head(logits, x, ids.length);
        if (suffix != null) {
          hidden.compare(comparison, suffix);
        }
        return logits;
      }
    }

    private float[] batch() {
      int[] ids = comparison.integers("batch.input_ids");
      float[][] vectors = images("batch.image");
      int length = ids.length / vectors.length;
      float[] all = new float[ids.length * network.vocab()];
      for (int r = 0; r < vectors.length; r++) {
        int[] row = Arrays.copyOfRange(ids, r * length, (r + 1) * length);
        float[] logits = logits(row, vectors[r], null);
        System.arraycopy(logits, 0, all, r * logits.length, logits.length);
      }
      return all;
    }

    /// The vectors of a batch of images, `[images, 1, height, width]`.
    private float[][] images(String name) {
      float[] pixels = comparison.floats(name);
      Shape shape = comparison.info(name).shape();
      int height = Math.toIntExact(shape.size(2));
      int width = Math.toIntExact(shape.size(3));
      float[][] vectors = new float[Math.toIntExact(shape.size(0))][];
      for (int i = 0; i < vectors.length; i++) {
        int at = i * height * width;
        vectors[i] =
            network.imageVector(Arrays.copyOfRange(pixels, at, at + height * width), height, width);
      }
      return vectors;
    }

    private static int[] toArray(List<Integer> ids) {
      return ids.stream().mapToInt(Integer::intValue).toArray();
    }
  }
}
