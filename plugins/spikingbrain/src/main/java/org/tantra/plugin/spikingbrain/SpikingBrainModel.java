package org.tantra.plugin.spikingbrain;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
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
import org.tantra.api.tensor.DType;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.GgufConfig;
import org.tantra.nn.Linears;
import org.tantra.nn.StateDict;
import org.tantra.nn.Trace;
import org.tantra.nn.WeightForm;
import org.tantra.nn.gpt.GptConfig;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.gpt.GptWeights;
import org.tantra.nn.gpt.LoadedGpt;
import org.tantra.nn.text.LoadedNetwork;
import org.tantra.nn.text.TextGenerator;

/// The extension `spikingbrain`: a decoder whose activations are spike counts.
///
/// By default GPT-2's trunk, so that any GPT-2 or DistilGPT-2 checkpoint serves; a checkpoint of
/// `model_type` `gla_swa` is the published SpikingBrain-7B.
public final class SpikingBrainModel implements Model {
  /// First the type of our own checkpoints, then that of those that become one by being loaded
  /// here.
  private static final List<String> TRUNK_TYPES = List.of("tantra_spikingbrain", "gpt2");

  private static final double DEFAULT_K = 3;

  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "spikingbrain",
        "Decoder with spike-coded activations",
        Set.of(Task.TEXT),
        Needs.WEIGHTS,
        List.of("gpt2", "distilgpt2", "text-lite"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    Progress progress = context.progress();
    progress.stage("reading configuration");
    WeightForm form = WeightForm.of(context.settings());
    Checkpoint checkpoint = context.checkpoint();
    return published(checkpoint)
        ? loadPublished(checkpoint, UnaryOperator.identity(), form, context.compute(), progress)
        : loadTrunk(checkpoint, form, context.compute(), progress);
  }

  /// Both have a head of their own: tied, `full` would be no larger than DistilGPT-2.
  @Override
  public Map<String, Map<String, Object>> sizes() {
    return Map.of("small", trunk(2, 16, 2, 256), "full", trunk(6, 768, 12, 1024));
  }

  private static Map<String, Object> trunk(int layers, int hidden, int heads, int context) {
    return Map.of(
        "model_type", TRUNK_TYPES.getFirst(),
        "vocab_size", 50257,
        "n_positions", context,
        "n_embd", hidden,
        "n_layer", layers,
        "n_head", heads,
        "tie_word_embeddings", false,
        "spike_k", DEFAULT_K);
  }

  /// SpikingBrain-7B has other keys, and defaults of its own.
  @Override
  public Map<String, Object> completed(Map<String, Object> stated) {
    return GlaSwaConfig.TYPE.equals(stated.get("model_type"))
        ? stated
        : Model.super.completed(stated);
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(ConfigFile.plan(config, SpikingBrainModel::plan));
  }

  private static WeightPlan plan(Settings values) {
    if (values.text("model_type", "").equals(GlaSwaConfig.TYPE)) {
      return GlaSwaWeights.plan(
          GlaSwaConfig.of(values),
          switch (values.text("torch_dtype", "float32")) {
            case "bfloat16" -> DType.BF16;
            case "float16" -> DType.F16;
            default -> DType.F32;
          });
    }
    var _ = spikeK(values);
    boolean stated = values.has("tie_word_embeddings");
    GptConfig config = GptConfig.of(values, TRUNK_TYPES, true);
    return GgufConfig.describes(values)
        ? GptWeights.ggufPlan(config)
        : GptWeights.plan(config, "", stated);
  }

  private static boolean published(Checkpoint checkpoint) {
    return ConfigFile.read(
        checkpoint, json -> json.text("model_type", "").equals(GlaSwaConfig.TYPE));
  }

  /// GPT-2's trunk with spikes.
  static LoadedNetwork<GptNetwork> loadTrunk(
      Checkpoint checkpoint, WeightForm form, Compute compute, Progress progress) {
    boolean tied = checkpoint.weights().info("lm_head.weight").isEmpty();
    float k = ConfigFile.read(checkpoint, SpikingBrainModel::spikeK);
    GptConfig config = ConfigFile.read(checkpoint, json -> GptConfig.of(json, TRUNK_TYPES, tied));
    return LoadedGpt.load(
        checkpoint,
        config,
        () -> new SpikingProjector(k, config.layers(), Trace.NONE),
        form,
        compute,
        progress);
  }

  /// The published architecture.
  ///
  /// @param change of the configuration; for parity checks
  static LoadedNetwork<GlaSwaNetwork> loadPublished(
      Checkpoint checkpoint,
      UnaryOperator<GlaSwaConfig> change,
      WeightForm form,
      Compute compute,
      Progress progress) {
    GlaSwaConfig config = change.apply(ConfigFile.read(checkpoint, GlaSwaConfig::of));
    Arena copies = Arena.ofShared();
    try {
      progress.stage("mapping weights");
      StateDict weights = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
      Linears linears = new Linears(form, copies, compute);
      GlaSwaNetwork network = new GlaSwaNetwork(config, GlaSwaWeights.of(config, weights), linears);
      linears.forgetRounded();
      progress.stage("reading tokenizer");
      return new LoadedNetwork<>(
          network,
          new TextGenerator(network, GlaSwaTokenizer.of(checkpoint, config, copies)),
          copies,
          weights.bytes() - linears.savedBytes() + network.ownBytes(),
          checkpoint.version());
    } catch (RuntimeException | Error e) {
      copies.close();
      throw e;
    }
  }

  /// Spikes that an activation of mean magnitude makes.
  ///
  /// @throws org.tantra.api.TantraException `CORRUPT` if it is not above 0
  static float spikeK(Settings json) {
    float k = (float) json.number("spike_k", DEFAULT_K);
    if (!(k > 0)) {
      throw ConfigFile.corrupt("spike_k is " + k + "; it must be above 0");
    }
    return k;
  }
}
