package org.tantra.plugin.gpt2;

import java.util.List;
import java.util.Set;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Task;

/// GPT-2 in any of its published sizes.
public final class Gpt2Model implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "gpt2", "GPT-2", Set.of(Task.TEXT), Needs.WEIGHTS, List.of("distilgpt2", "text-lite"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    return LoadedGpt2.load(context.checkpoint(), context.compute(), context.progress());
  }
}
