package org.tantra.plugin.mamba;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Capability;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.Task;
import org.tantra.api.TextGeneration;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.GgufConfig;
import org.tantra.nn.Linears;
import org.tantra.nn.StateDict;
import org.tantra.nn.WeightForm;
import org.tantra.nn.text.TextGenerator;
import org.tantra.nn.text.Tokenizer;

/// The extension `mamba`: Mamba, Mamba-2 and the earlier Tantra layout, told apart by their
/// weights.
public final class MambaModel implements Model {
  /// Length of the rows that the published checkpoints were trained on. The networks run beyond it,
  /// with constant memory; `model.max_seq_len` raises it.
  private static final int TRAINED_TOKENS = 2048;

  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "mamba",
        "Selective state-space decoder with constant memory per row",
        Set.of(Task.TEXT),
        Needs.WEIGHTS,
        List.of("text-lite"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    int contextTokens = context.settings().section("model").integer("max_seq_len", TRAINED_TOKENS);
    if (contextTokens < 1) {
      throw new TantraException(
              ErrorKind.INVALID,
              "%s: model.max_seq_len is %d; it must be 1 or more."
                  .formatted(context.settings().origin(), contextTokens))
          .about("model.max_seq_len");
    }
    context.progress().stage("mapping weights");
    return load(
        context.checkpoint(), contextTokens, WeightForm.of(context.settings()), context.compute());
  }

  /// In the earlier Tantra layout, whose tokens are characters, so that they answer without files;
  /// `130m` is the smallest published one, which takes token ids until a tokenizer lies beside it.
  @Override
  public Map<String, Map<String, Object>> sizes() {
    return Map.of(
        "small", config(64, 4, 16, 5000, 512),
        "full", config(512, 8, 32, 50000, 2048),
        "130m", Map.of("model_type", "mamba", "hidden_size", 768, "num_hidden_layers", 24));
  }

  private static Map<String, Object> config(
      int hidden, int layers, int state, int vocab, int context) {
    return Map.of(
        "architecture",
        "mamba",
        "d_model",
        hidden,
        "n_layers",
        layers,
        "d_state",
        state,
        "d_conv",
        4,
        "vocab_size",
        vocab,
        "max_seq_len",
        context);
  }

  /// Published configurations have other keys, and defaults of their own.
  @Override
  public Map<String, Object> completed(Map<String, Object> stated) {
    return MambaPlan.layout(Settings.of("model", stated)) == MambaLayout.TANTRA
        ? Model.super.completed(stated)
        : stated;
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    Settings values = MambaGguf.config(config);
    WeightPlan plan = MambaWeights.plan(ConfigFile.plan(values, MambaPlan::config));
    return Optional.of(GgufConfig.describes(config) ? MambaGguf.plan(plan, values) : plan);
  }

  static Loaded load(Checkpoint checkpoint, int contextTokens, Compute compute) {
    return load(checkpoint, contextTokens, WeightForm.AS_STORED, compute);
  }

  private static Loaded load(
      Checkpoint checkpoint, int contextTokens, WeightForm form, Compute compute) {
    Arena copies = Arena.ofShared();
    try {
      WeightSource file = checkpoint.weights();
      Settings stated = checkpoint.json("config.json").orElse(Settings.empty("no config.json"));
      Settings json = MambaGguf.config(stated, file);
      StateDict weights = new StateDict(checkpoint.name(), MambaGguf.of(file), copies);
      MambaConfig config = MambaConfig.of(json, weights);
      Linears linears = new Linears(form, copies, compute);
      MambaNetwork network =
          new MambaNetwork(config, MambaWeights.of(config, weights), contextTokens, linears);
      linears.forgetRounded();
      Tokenizer tokenizer = MambaTokenizer.of(checkpoint, config, json, copies);
      return new Loaded(
          network,
          new TextGenerator(network, tokenizer),
          copies,
          weights.bytes() - linears.savedBytes() + network.ownBytes(),
          checkpoint.version());
    } catch (Throwable e) {
      copies.close();
      throw e;
    }
  }

  /// A loaded network.
  record Loaded(
      MambaNetwork network,
      TextGenerator generator,
      Arena copies,
      long residentBytes,
      String fingerprint)
      implements LoadedModel {
    @Override
    public <T extends Capability> Optional<T> as(Class<T> capability) {
      return capability == TextGeneration.class
          ? Optional.of(capability.cast(generator))
          : Optional.empty();
    }

    @Override
    public void close() {
      if (copies.scope().isAlive()) {
        copies.close();
      }
    }
  }
}
