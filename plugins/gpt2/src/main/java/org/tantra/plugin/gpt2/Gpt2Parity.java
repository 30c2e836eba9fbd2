package org.tantra.plugin.gpt2;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Progress;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.KvCache;
import org.tantra.nn.Trace;
import org.tantra.nn.WeightForm;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.gpt.GptRow;
import org.tantra.nn.gpt.Projector;
import org.tantra.nn.parity.Comparison;
import org.tantra.nn.parity.HiddenStates;
import org.tantra.nn.parity.LanguageModelParity;
import org.tantra.nn.text.LoadedNetwork;
import org.tantra.nn.text.Session;

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
    try (LoadedNetwork<GptNetwork> loaded =
        Gpt2Model.load(
            golden.checkpoint(), WeightForm.AS_STORED, golden.compute(), Progress.NONE)) {
      Comparison comparison = new Comparison(golden, ABSOLUTE, RELATIVE);
      int prefill = golden.expected().section("kv_cache").integer("prefill", 1);
      new LanguageModelParity(comparison, loaded.network()).compare(golden, prefill);
      compareHidden(comparison, loaded.network());
      compareCache(comparison, loaded.network(), prefill);
      return comparison.findings();
    }
  }

  private static void compareHidden(Comparison comparison, GptNetwork network) {
    HiddenStates hidden = new HiddenStates();
    try (Session session = network.begin(new GptRow(network, Projector.PLAIN, hidden::add))) {
      session.append(comparison.integers("input_ids"), Cancellation.NEVER, (_, _) -> {});
    }
    hidden.compare(comparison, "");
  }

  private static void compareCache(Comparison comparison, GptNetwork network, int prefill) {
    if (!comparison.has("cache.prefill.key.0")) {
      return;
    }
    int[] ids = Arrays.copyOf(comparison.integers("input_ids"), prefill);
    GptRow row = new GptRow(network, Projector.PLAIN, Trace.NONE);
    try (Session session = network.begin(row)) {
      session.append(ids, Cancellation.NEVER);
      for (int layer = 0; layer < network.config().layers(); layer++) {
        comparison.check("cache.prefill.key." + layer, keys(row.cache(), network, layer, prefill));
        comparison.check(
            "cache.prefill.value." + layer, values(row.cache(), network, layer, prefill));
      }
    }
  }

  /// `[heads, tokens, headDim]`, as the reference has them.
  private static float[] keys(KvCache cache, GptNetwork network, int layer, int tokens) {
    int headDim = network.config().headDim();
    float[] all = new float[network.config().heads() * tokens * headDim];
    for (int i = 0; i < all.length; i++) {
      TensorView keys = cache.keys(layer, i / (tokens * headDim));
      int token = i / headDim % tokens;
      all[i] = keys.floatAt(i % headDim * keys.shape().size(1) + token);
    }
    return all;
  }

  private static float[] values(KvCache cache, GptNetwork network, int layer, int tokens) {
    int headDim = network.config().headDim();
    float[] all = new float[network.config().heads() * tokens * headDim];
    for (int i = 0; i < all.length; i++) {
      int row = i % (tokens * headDim);
      all[i] = cache.values(layer, i / (tokens * headDim)).floatAt(row);
    }
    return all;
  }
}
