package org.tantra.plugin.tantra;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.Capability;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Settings;
import org.tantra.api.Task;
import org.tantra.api.WeightPlan;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.StateDict;
import org.tantra.nn.text.CharacterTokenizer;
import org.tantra.nn.text.EndTokens;
import org.tantra.nn.text.TextGenerator;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// The extension `tantra`: Tantra multimodal v1.0, text and images.
public final class TantraModel implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "tantra",
        "Tantra multimodal v1.0",
        Set.of(Task.TEXT, Task.OCR),
        Needs.WEIGHTS,
        List.of("mamba"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    context.progress().stage("mapping weights");
    return load(context.checkpoint(), context.compute());
  }

  /// The published model is small.
  @Override
  public Map<String, Map<String, Object>> sizes() {
    Map<String, Object> published =
        Map.of(
            "vocab_size",
            10000,
            "d_model",
            128,
            "num_layers",
            4,
            "nhead",
            8,
            "dim_feedforward",
            2048,
            "max_len",
            512);
    return Map.of("small", published, "full", published);
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(TantraWeights.plan(ConfigFile.plan(config, TantraConfig::planned)));
  }

  static Loaded load(Checkpoint checkpoint, Compute compute) {
    Arena copies = Arena.ofShared();
    try {
      Settings json = checkpoint.json("config.json").orElse(Settings.empty("no config.json"));
      StateDict weights = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
      TantraConfig config = TantraConfig.of(json, weights);
      TantraNetwork network = new TantraNetwork(config, TantraWeights.of(config, weights), compute);
      // What tokenizer the published model used is not known; without files of its own, tokens are
      // characters.
      Tokenizer tokenizer =
          TokenizerFiles.find(
                  checkpoint, config.vocab(), EndTokens.of(Set.of()), OptionalInt.empty(), copies)
              .orElseGet(() -> new CharacterTokenizer(config.vocab()));
      return new Loaded(
          network, tokenizer, copies, weights.bytes() + network.ownBytes(), checkpoint.version());
    } catch (Throwable e) {
      copies.close();
      throw e;
    }
  }

  /// A loaded network.
  record Loaded(
      TantraNetwork network,
      Tokenizer tokenizer,
      Arena copies,
      long residentBytes,
      String fingerprint)
      implements LoadedModel {
    @Override
    public <T extends Capability> Optional<T> as(Class<T> capability) {
      return List.of(new TextGenerator(network, tokenizer), new TantraOcr(network, tokenizer))
          .stream()
          .filter(capability::isInstance)
          .map(capability::cast)
          .findFirst();
    }

    @Override
    public void close() {
      if (copies.scope().isAlive()) {
        copies.close();
      }
    }
  }
}
