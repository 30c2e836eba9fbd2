package org.tantra.plugin.spikingbrain;

import java.lang.foreign.Arena;
import java.util.List;
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
import org.tantra.nn.ConfigFile;
import org.tantra.nn.StateDict;
import org.tantra.nn.Trace;
import org.tantra.nn.gpt.GptConfig;
import org.tantra.nn.gpt.GptNetwork;
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
    context.progress().stage("reading configuration");
    Checkpoint checkpoint = context.checkpoint();
    return published(checkpoint)
        ? loadPublished(checkpoint, UnaryOperator.identity(), context.compute(), context.progress())
        : loadTrunk(checkpoint, context.compute(), context.progress());
  }

  private static boolean published(Checkpoint checkpoint) {
    return ConfigFile.read(
        checkpoint, json -> json.text("model_type", "").equals(GlaSwaConfig.TYPE));
  }

  /// GPT-2's trunk with spikes.
  static LoadedNetwork<GptNetwork> loadTrunk(
      Checkpoint checkpoint, Compute compute, Progress progress) {
    boolean tied = checkpoint.weights().info("lm_head.weight").isEmpty();
    float k = ConfigFile.read(checkpoint, SpikingBrainModel::spikeK);
    GptConfig config = ConfigFile.read(checkpoint, json -> GptConfig.of(json, TRUNK_TYPES, tied));
    return LoadedGpt.load(
        checkpoint,
        config,
        () -> new SpikingProjector(k, config.layers(), Trace.NONE),
        compute,
        progress);
  }

  /// The published architecture.
  ///
  /// @param change of the configuration; for parity checks
  static LoadedNetwork<GlaSwaNetwork> loadPublished(
      Checkpoint checkpoint,
      UnaryOperator<GlaSwaConfig> change,
      Compute compute,
      Progress progress) {
    GlaSwaConfig config = change.apply(ConfigFile.read(checkpoint, GlaSwaConfig::of));
    Arena copies = Arena.ofShared();
    try {
      progress.stage("mapping weights");
      StateDict weights = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
      GlaSwaNetwork network = new GlaSwaNetwork(config, GlaSwaWeights.of(config, weights), compute);
      progress.stage("reading tokenizer");
      return new LoadedNetwork<>(
          network,
          new TextGenerator(network, GlaSwaTokenizer.of(checkpoint, config)),
          copies,
          weights.bytes() + network.ownBytes(),
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
