package org.tantra.plugin.gpt2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Progress;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.KvCache;
import org.tantra.nn.parity.Comparison;
import org.tantra.nn.parity.LanguageModelParity;

/// Compares the network with the reference implementation: logits, hidden states, KV cache, batched
/// rows and greedy continuations.
public final class Gpt2Parity implements ParityCheck {
  private static final double ABSOLUTE = 5e-5;
  private static final double RELATIVE = 1e-5;

  @Override
  public Set<String> families() {
    return Set.of("gpt2", "distilgpt2");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    try (LoadedGpt2 loaded =
        LoadedGpt2.load(golden.checkpoint(), golden.compute(), Progress.NONE)) {
      Comparison comparison = new Comparison(golden, ABSOLUTE, RELATIVE);
      int prefill = golden.expected().section("kv_cache").integer("prefill", 1);
      new LanguageModelParity(comparison, loaded.network()).compare(golden, prefill);
      compareHidden(comparison, loaded.network());
      compareCache(comparison, loaded.network(), prefill);
      return comparison.findings();
    }
  }

  private static void compareHidden(Comparison comparison, Gpt2Network network) {
    int[] ids = comparison.integers("input_ids");
    Map<String, List<float[]>> seen = new LinkedHashMap<>();
    Gpt2Session.HiddenReader reader =
        (name, x, tokens) ->
            seen.computeIfAbsent(name, _ -> new ArrayList<>())
                .add(Arrays.copyOf(x, tokens * network.config().hidden()));
    try (Gpt2Session session = new Gpt2Session(network, reader)) {
      session.append(ids, Cancellation.NEVER, (_, _) -> {});
    }
    seen.forEach(
        (name, blocks) -> {
          if (comparison.has(name)) {
            comparison.check(name, joined(blocks));
          }
        });
  }

  private static float[] joined(List<float[]> blocks) {
    float[] all = new float[blocks.stream().mapToInt(block -> block.length).sum()];
    int at = 0;
    for (float[] block : blocks) {
      System.arraycopy(block, 0, all, at, block.length);
      at += block.length;
    }
    return all;
  }

  private static void compareCache(Comparison comparison, Gpt2Network network, int prefill) {
    if (!comparison.has("cache.prefill.key.0")) {
      return;
    }
    int[] ids = Arrays.copyOf(comparison.integers("input_ids"), prefill);
    try (Gpt2Session session = network.begin()) {
      session.append(ids, Cancellation.NEVER);
      for (int layer = 0; layer < network.config().layers(); layer++) {
        comparison.check(
            "cache.prefill.key." + layer, keys(session.cache(), network, layer, prefill));
        comparison.check(
            "cache.prefill.value." + layer, values(session.cache(), network, layer, prefill));
      }
    }
  }

  /// `[heads, tokens, headDim]`, as the reference has them.
  private static float[] keys(KvCache cache, Gpt2Network network, int layer, int tokens) {
    int headDim = network.config().headDim();
    float[] all = new float[network.config().heads() * tokens * headDim];
    for (int i = 0; i < all.length; i++) {
      TensorView keys = cache.keys(layer, i / (tokens * headDim));
      int token = i / headDim % tokens;
      all[i] = keys.floatAt(i % headDim * keys.shape().size(1) + token);
    }
    return all;
  }

  private static float[] values(KvCache cache, Gpt2Network network, int layer, int tokens) {
    int headDim = network.config().headDim();
    float[] all = new float[network.config().heads() * tokens * headDim];
    for (int i = 0; i < all.length; i++) {
      int row = i % (tokens * headDim);
      all[i] = cache.values(layer, i / (tokens * headDim)).floatAt(row);
    }
    return all;
  }
}
