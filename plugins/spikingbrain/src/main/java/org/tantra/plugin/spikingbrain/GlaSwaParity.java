package org.tantra.plugin.spikingbrain;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.api.Progress;
import org.tantra.nn.WeightForm;
import org.tantra.nn.parity.Comparison;
import org.tantra.nn.parity.HiddenStates;
import org.tantra.nn.parity.LanguageModelParity;
import org.tantra.nn.spike.SymmetricRounding;
import org.tantra.nn.text.LoadedNetwork;

/// The published network against the reference implementation, in the three ways in which that
/// implementation counts the keys of a window.
///
/// This plugin lets a query see `sliding_window` + 1 keys, as training did (`logits`). The
/// reference's fallback for old GPUs shows it one fewer (`sdpa.logits`), and so does its cache, but
/// only in steps after a prefill (`hf_cached.logits`, `final.*`). The last two are built here out
/// of the same network with a smaller window, to compare every output of the case.
final class GlaSwaParity {
  private static final double ABSOLUTE = 5e-5;
  private static final double RELATIVE = 1e-5;

  private final Comparison comparison;
  private final GlaSwaNetwork network;
  private final GlaSwaNetwork narrower;
  private final int[] ids;
  private final int prefill;

  private GlaSwaParity(
      Comparison comparison, GlaSwaNetwork network, GlaSwaNetwork narrower, int prefill) {
    this.comparison = comparison;
    this.network = network;
    this.narrower = narrower;
    this.ids = comparison.integers("input_ids");
    this.prefill = prefill;
  }

  static List<Finding> run(ParityCase golden) {
    try (LoadedNetwork<GlaSwaNetwork> loaded = load(golden, UnaryOperator.identity());
        LoadedNetwork<GlaSwaNetwork> narrower =
            load(golden, config -> config.withWindowKeys(config.windowKeys() - 1))) {
      Comparison comparison = new Comparison(golden, ABSOLUTE, RELATIVE);
      int prefill = golden.expected().section("cache").integer("prefill");
      new LanguageModelParity(comparison, loaded.network()).compare(golden, prefill);
      GlaSwaParity parity =
          new GlaSwaParity(comparison, loaded.network(), narrower.network(), prefill);
      parity.compareHidden();
      parity.compareStepping();
      if (comparison.has("sdpa.logits")) {
        float[] all =
            new LanguageModelParity(comparison, narrower.network())
                .logits(parity.ids, parity.ids.length);
        comparison.check("sdpa.logits", all);
      }
      parity.compareReferenceCache();
      return comparison.findings();
    }
  }

  private static LoadedNetwork<GlaSwaNetwork> load(
      ParityCase golden, UnaryOperator<GlaSwaConfig> change) {
    return SpikingBrainModel.loadPublished(
        golden.checkpoint(), change, WeightForm.AS_STORED, golden.compute(), Progress.NONE);
  }

  private void compareHidden() {
    HiddenStates seen = new HiddenStates();
    try (GlaSwaRow row = new GlaSwaRow(network, seen::add)) {
      logits(row, 0, ids.length);
    }
    seen.compare(comparison, "");
    if (comparison.has("layer0.q_proj.vth")) {
      comparison.check("layer0.q_proj.vth", seen.values("spike_thresholds.0.q_proj"));
      comparison.checkRounded(
          "layer0.q_proj.spike_counts", seen.values("spike_counts.0.q_proj"), 0);
    }
  }

  /// Our own cache, one step per token, against the full forward.
  private void compareStepping() {
    float[] all = new LanguageModelParity(comparison, network).logits(ids, prefill);
    comparison.checkAs("logits, stepped", "logits", all);
  }

  /// The reference's cache: prefills as we do, then steps with a key less.
  private void compareReferenceCache() {
    HiddenStates seen = new HiddenStates();
    try (GlaSwaRow row = new GlaSwaRow(network, seen::add);
        GlaSwaRow after = new GlaSwaRow(narrower, seen::add)) {
      float[] first = logits(row, 0, prefill);
      compareMemory("prefill", row, seen);
      adopt(after, row, seen);
      float[] all = Arrays.copyOf(first, ids.length * network.vocab());
      for (int i = prefill; i < ids.length; i++) {
        System.arraycopy(logits(after, i, 1), 0, all, i * network.vocab(), network.vocab());
      }
      comparison.check("hf_cached.logits", all);
      compareMemory("final", after, seen);
    }
  }

  /// Hands what a row remembers to one with a smaller window.
  private void adopt(GlaSwaRow to, GlaSwaRow from, HiddenStates seen) {
    GlaSwaConfig config = network.config();
    for (int layer = 0; layer < config.layers(); layer++) {
      System.arraycopy(from.state(layer), 0, to.state(layer), 0, from.state(layer).length);
      if (config.windowed().contains(layer)) {
        float[] keys = seen.values("key." + layer);
        float[] values = seen.values("value." + layer);
        if (network.spiking()) {
          SymmetricRounding.apply(keys, 0, prefill * config.kvHeads(), config.headDim());
          SymmetricRounding.apply(values, 0, prefill * config.kvHeads(), config.headDim());
        }
        for (int t = 0; t < prefill; t++) {
          to.remember(layer, t, keys, values, t * config.kvWidth());
        }
      }
    }
  }

  private void compareMemory(String moment, GlaSwaRow row, HiddenStates seen) {
    for (int layer = 0; layer < network.config().layers(); layer++) {
      String state = moment + ".gla_state." + layer;
      String key = moment + ".key." + layer;
      String value = moment + ".value." + layer;
      if (comparison.has(state)) {
        comparison.check(state, perQueryHead(row.state(layer)));
      }
      if (comparison.has(key)) {
        comparison.check(key, lastTokens(key, seen.values("key." + layer)));
        comparison.check(value, lastTokens(value, seen.values("value." + layer)));
      }
    }
  }

  /// The reference keeps a copy of the state for each query head: `[heads, headDim, headDim]`.
  private float[] perQueryHead(float[] state) {
    GlaSwaConfig config = network.config();
    int size = config.headDim() * config.headDim();
    int shared = config.heads() / config.kvHeads();
    float[] all = new float[config.heads() * size];
    for (int head = 0; head < config.heads(); head++) {
      System.arraycopy(state, head / shared * size, all, head * size, size);
    }
    return all;
  }

  /// `[kvHeads, tokens, headDim]` of the last tokens, as many as the case has, out of `[tokens,
  /// kvHeads, headDim]`.
  private float[] lastTokens(String name, float[] x) {
    GlaSwaConfig config = network.config();
    int tokens = Math.toIntExact(comparison.info(name).shape().size(2));
    int headDim = config.headDim();
    int from = x.length / config.kvWidth() - tokens;
    float[] last = new float[tokens * config.kvWidth()];
    for (int head = 0; head < config.kvHeads(); head++) {
      for (int t = 0; t < tokens; t++) {
        int at = (from + t) * config.kvWidth() + head * headDim;
        System.arraycopy(x, at, last, (head * tokens + t) * headDim, headDim);
      }
    }
    return last;
  }

  /// Takes in some of the ids at their positions.
  private float[] logits(GlaSwaRow row, int from, int count) {
    float[] x = row.forward(ids, from, count, from, Cancellation.NEVER);
    float[] logits = new float[count * network.vocab()];
    row.head(logits, x, count);
    return logits;
  }
}
