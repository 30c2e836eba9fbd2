package org.tantra.plugin.gpt2;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Settings;
import org.tantra.api.Task;
import org.tantra.api.WeightPlan;
import org.tantra.nn.WeightForm;

/// DistilGPT-2: GPT-2's network with half the layers, under a model id of its own.
public final class DistilGpt2Model implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "distilgpt2", "DistilGPT-2", Set.of(Task.TEXT), Needs.WEIGHTS, List.of("text-lite"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    return Gpt2Model.load(
        context.checkpoint(),
        WeightForm.of(context.settings()),
        context.compute(),
        context.progress());
  }

  @Override
  public Map<String, Map<String, Object>> sizes() {
    return Map.of(
        "small", Gpt2Model.config(1, 16, 2, 256), "full", Gpt2Model.config(6, 768, 12, 1024));
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(Gpt2Model.plan(config, "transformer."));
  }
}
