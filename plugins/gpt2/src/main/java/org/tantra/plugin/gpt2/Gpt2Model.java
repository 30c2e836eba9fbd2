package org.tantra.plugin.gpt2;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Progress;
import org.tantra.api.Settings;
import org.tantra.api.Task;
import org.tantra.api.WeightPlan;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.GgufConfig;
import org.tantra.nn.WeightForm;
import org.tantra.nn.gpt.GptConfig;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.gpt.GptWeights;
import org.tantra.nn.gpt.LoadedGpt;
import org.tantra.nn.gpt.Projector;
import org.tantra.nn.text.LoadedNetwork;

/// GPT-2 in any of its published sizes.
public final class Gpt2Model implements Model {
  private static final List<String> TYPES = List.of("gpt2");

  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "gpt2", "GPT-2", Set.of(Task.TEXT), Needs.WEIGHTS, List.of("distilgpt2", "text-lite"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    return load(
        context.checkpoint(),
        WeightForm.of(context.settings()),
        context.compute(),
        context.progress());
  }

  @Override
  public Map<String, Map<String, Object>> sizes() {
    return Map.of("small", config(2, 16, 2, 256), "full", config(12, 768, 12, 1024));
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(plan(config, ""));
  }

  /// A `config.json` with GPT-2's vocabulary, so that its tokenizer fits.
  static Map<String, Object> config(int layers, int hidden, int heads, int context) {
    return Map.of(
        "model_type", "gpt2",
        "vocab_size", 50257,
        "n_positions", context,
        "n_embd", hidden,
        "n_layer", layers,
        "n_head", heads);
  }

  static WeightPlan plan(Settings values, String prefix) {
    GptConfig config = ConfigFile.plan(values, json -> GptConfig.of(json, TYPES, true));
    return GgufConfig.describes(values)
        ? GptWeights.ggufPlan(config)
        : GptWeights.plan(config, prefix, true);
  }

  static LoadedNetwork<GptNetwork> load(
      Checkpoint checkpoint, WeightForm form, Compute compute, Progress progress) {
    progress.stage("reading configuration");
    GptConfig config = ConfigFile.read(checkpoint, json -> GptConfig.of(json, TYPES, true));
    return LoadedGpt.load(checkpoint, config, () -> Projector.PLAIN, form, compute, progress);
  }
}
