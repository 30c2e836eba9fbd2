package org.tantra.plugin.gpt2;

import java.util.List;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Progress;
import org.tantra.api.Task;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.gpt.GptConfig;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.gpt.LoadedGpt;
import org.tantra.nn.gpt.Projector;
import org.tantra.nn.text.LoadedNetwork;

/// GPT-2 in any of its published sizes.
public final class Gpt2Model implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "gpt2", "GPT-2", Set.of(Task.TEXT), Needs.WEIGHTS, List.of("distilgpt2", "text-lite"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    return load(context.checkpoint(), context.compute(), context.progress());
  }

  static LoadedNetwork<GptNetwork> load(Checkpoint checkpoint, Compute compute, Progress progress) {
    progress.stage("reading configuration");
    GptConfig config =
        ConfigFile.read(checkpoint, json -> GptConfig.of(json, List.of("gpt2"), true));
    return LoadedGpt.load(checkpoint, config, () -> Projector.PLAIN, compute, progress);
  }
}
