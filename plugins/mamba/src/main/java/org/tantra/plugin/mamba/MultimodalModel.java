package org.tantra.plugin.mamba;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.Capability;
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
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// The extension `mamba_multimodal`: text, audio and pictures in, text out, by Mamba layers with a
/// mixture of experts; an architecture of this project's own.
public final class MultimodalModel implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "mamba_multimodal",
        "Mamba with a mixture of experts: text, audio and pictures in",
        Set.of(Task.TEXT),
        Needs.WEIGHTS,
        List.of("mamba"));
  }

  @Override
  public Map<String, Map<String, Object>> sizes() {
    return Map.of(
        "small",
        config(64, 2, 16, 1900, 1024, 128),
        "full",
        config(768, 16, 64, 100000, 4096, 768));
  }

  private static Map<String, Object> config(
      int hidden, int layers, int state, int vocab, int context, int expertInner) {
    Map<String, Object> config = new HashMap<>();
    config.put("architecture", "mamba_multimodal");
    config.put("d_model", hidden);
    config.put("n_layers", layers);
    config.put("d_state", state);
    config.put("d_conv", 4);
    config.put("vocab_size", vocab);
    config.put("max_seq_len", context);
    config.put("num_experts", 8);
    config.put("expert_dim", expertInner);
    config.put("expert_capacity", 64);
    config.put("audio_dim", 128);
    config.put("patch_size", 16);
    return config;
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(MultimodalWeights.plan(ConfigFile.plan(config, MultimodalConfig::of)));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    context.progress().stage("mapping weights");
    var checkpoint = context.checkpoint();
    Arena copies = Arena.ofShared();
    try {
      MultimodalConfig config = ConfigFile.read(checkpoint, MultimodalConfig::of);
      StateDict weights = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
      MultimodalNetwork network =
          new MultimodalNetwork(config, MultimodalWeights.of(config, weights), context.compute());
      Tokenizer tokenizer =
          TokenizerFiles.find(
                  checkpoint, config.vocab(), EndTokens.of(Set.of()), OptionalInt.empty(), copies)
              .orElseGet(() -> new CharacterTokenizer(config.vocab()));
      return new Loaded(
          new MultimodalText(network, tokenizer),
          copies,
          weights.bytes() + network.ownBytes(),
          checkpoint.version());
    } catch (Throwable e) {
      copies.close();
      throw e;
    }
  }

  private record Loaded(MultimodalText text, Arena copies, long residentBytes, String fingerprint)
      implements LoadedModel {
    @Override
    public <T extends Capability> Optional<T> as(Class<T> capability) {
      return capability.isInstance(text) ? Optional.of(capability.cast(text)) : Optional.empty();
    }

    @Override
    public void close() {
      if (copies.scope().isAlive()) {
        copies.close();
      }
    }
  }
}
