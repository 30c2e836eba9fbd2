package org.tantra.plugin.coqui;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Capability;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Settings;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.Task;
import org.tantra.api.WeightPlan;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.StateDict;

/// The extension `coqui_tts`: Tacotron 2 of characters, with the vocoder of checkpoint `vocoder`,
/// or Griffin and Lim's method if there is none.
public final class CoquiModel implements Model {
  private static final SpeechSynthesis.Voice VOICE =
      new SpeechSynthesis.Voice("default", "The voice of the weights", "en");

  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "coqui_tts",
        "Tacotron 2 with HiFi-GAN in Coqui's layout",
        Set.of(Task.SPEECH),
        Needs.WEIGHTS,
        List.of("freetts"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    context.progress().stage("mapping weights");
    Optional<Checkpoint> vocoder = context.checkpoint("vocoder");
    Optional<Checkpoint> statistics = context.checkpoint("stats");
    Arena copies = Arena.ofShared();
    try {
      return load(
          context.checkpoint(), vocoder.orElse(null), statistics.orElse(null), context, copies);
    } catch (Throwable e) {
      copies.close();
      throw e;
    }
  }

  private static Loaded load(
      Checkpoint acoustic,
      @Nullable Checkpoint vocoderFiles,
      @Nullable Checkpoint statisticFiles,
      LoadContext context,
      Arena copies) {
    Compute compute = context.compute();
    StateDict weights = new StateDict(acoustic.name(), acoustic.weights(), copies);
    TacotronNetwork network = acousticModel(acoustic, weights, compute);
    AudioConfig audio = ConfigFile.read(acoustic, json -> AudioConfig.of(json.section("audio")));
    if (audio.mels() != network.mels()) {
      throw TacotronConfig.mismatch(
          "config.json says %d mel bands, the weights have %d."
              .formatted(audio.mels(), network.mels()));
    }
    MelAudio.@Nullable BandStatistics statistics = statistics(statisticFiles, audio, copies);
    MelAudio writer = new MelAudio(audio, statistics);
    context.cancellation().check();
    long vocoderBytes = 0;
    Vocoder vocoder = new Vocoder.Classic(audio, statistics);
    String fingerprint = acoustic.version();
    if (vocoderFiles != null) {
      StateDict vocoderWeights = new StateDict(vocoderFiles.name(), vocoderFiles.weights(), copies);
      vocoder = neural(vocoderFiles, vocoderWeights, writer, compute);
      vocoderBytes = vocoderWeights.bytes();
      fingerprint += "+" + vocoderFiles.version();
    }
    CharacterIds characters =
        ConfigFile.read(acoustic, json -> CharacterIds.of(json, oldCharacters(acoustic)));
    CoquiVoice voice = new CoquiVoice(characters, network, audio, statistics, vocoder, VOICE);
    long bytes = weights.bytes() + network.ownBytes() + vocoderBytes + vocoder.ownBytes();
    return new Loaded(voice, copies, bytes, fingerprint);
  }

  /// The acoustic network of a checkpoint.
  static TacotronNetwork acousticModel(Checkpoint files, StateDict weights, Compute compute) {
    NamedWeights named = NamedWeights.find(weights, "embedding.weight", List.of("model.", ""));
    int reduction = reduction(files.weights().metadata());
    TacotronConfig config = ConfigFile.read(files, json -> TacotronConfig.of(json, reduction));
    return new TacotronNetwork(named, config, compute);
  }

  /// The reduction rate that training ended with, from the checkpoint; 0 if it says none.
  private static int reduction(Map<String, String> metadata) {
    String stated = metadata.getOrDefault("r", metadata.getOrDefault("config.r", ""));
    return stated.matches("[1-9]\\d{0,3}") ? Integer.parseInt(stated) : 0;
  }

  /// What checkpoints of 2021 say about their characters beside the weights.
  private static Settings oldCharacters(Checkpoint files) {
    Map<String, String> found = new LinkedHashMap<>();
    files
        .weights()
        .metadata()
        .forEach(
            (key, value) -> {
              if (key.startsWith("characters.")) {
                found.put(key.substring("characters.".length()), value);
              }
            });
    return Settings.of(files.name(), found);
  }

  /// The network of a vocoder's checkpoint.
  static HifiGan vocoder(Checkpoint files, StateDict weights, Compute compute) {
    NamedWeights named =
        NamedWeights.find(
            weights,
            "conv_pre.bias",
            List.of("model.model_g.", "model_g.", "generator.", "model.", ""));
    return new HifiGan(named, ConfigFile.read(files, HifiGanConfig::of), compute);
  }

  /// The vocoder of a checkpoint, for mel frames as `writer` means them.
  static Vocoder neural(Checkpoint files, StateDict weights, MelAudio writer, Compute compute) {
    HifiGan network = vocoder(files, weights, compute);
    // HiFi-GAN's own config.json has no section for it; it is trained on plain natural log-mel.
    AudioConfig audio =
        ConfigFile.read(
            files,
            json -> json.has("audio") ? AudioConfig.of(json.section("audio")) : writer.config());
    if (network.mels() != writer.config().mels() || audio.mels() != network.mels()) {
      throw TacotronConfig.mismatch(
          "The vocoder takes %d mel bands, the acoustic model makes %d. Use a vocoder that was trained for it."
              .formatted(network.mels(), writer.config().mels()));
    }
    if (network.hop() != audio.hop()) {
      throw TacotronConfig.mismatch(
          "The vocoder makes %d samples a frame, its config.json says %d."
              .formatted(network.hop(), audio.hop()));
    }
    return new Vocoder.Neural(network, writer, new MelAudio(audio, null));
  }

  private static MelAudio.@Nullable BandStatistics statistics(
      @Nullable Checkpoint files, AudioConfig audio, Arena copies) {
    if (files == null) {
      return null;
    }
    StateDict weights = new StateDict(files.name(), files.weights(), copies);
    return new MelAudio.BandStatistics(
        weights.weight("mel_mean", audio.mels()).toFloats(),
        weights.weight("mel_std", audio.mels()).toFloats());
  }

  @Override
  public Map<String, Map<String, Object>> sizes() {
    return CoquiPlan.sizes();
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(ConfigFile.plan(config, CoquiPlan::of));
  }

  /// A loaded voice.
  private record Loaded(CoquiVoice voice, Arena copies, long residentBytes, String fingerprint)
      implements LoadedModel {
    @Override
    public <T extends Capability> Optional<T> as(Class<T> capability) {
      return capability == SpeechSynthesis.class
          ? Optional.of(capability.cast(voice))
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
