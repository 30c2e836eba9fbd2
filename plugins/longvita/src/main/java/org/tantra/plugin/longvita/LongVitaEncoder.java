package org.tantra.plugin.longvita;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.Encoder;
import org.tantra.api.EncoderInfo;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Modality;
import org.tantra.api.Needs;
import org.tantra.api.Settings;
import org.tantra.api.WeightPlan;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.SharedSpace;
import org.tantra.nn.StateDict;

/// The extension `longvita`: a vision tower on this machine.
///
/// The embedding is the mean of the last block's patch vectors, for a video the mean of its
/// frames', brought from its own width (1024 for InternViT-300M) to 768 by [SharedSpace]. That
/// reduction is this host's; Long-VITA has none.
public final class LongVitaEncoder implements Encoder {
  /// Pixels, activations and scores of one picture at the published size.
  private static final long MINIMUM_BYTES = 256L << 20;

  @Override
  public EncoderInfo info() {
    return new EncoderInfo(
        "longvita",
        "Long-VITA vision encoder (mean of patches, 1024 to 768 by a fixed orthonormal map)",
        Set.of(Modality.IMAGE, Modality.VIDEO),
        SharedSpace.WIDTH,
        new Needs(true, MINIMUM_BYTES, false, false),
        List.of(RemoteEncoder.ID, "vision-lite"));
  }

  /// InternViT in a size for tests, and InternViT-300M-448px.
  @Override
  public Map<String, Map<String, Object>> sizes() {
    return Map.of("small", intern(96, 4, 3, 384, 112), "full", intern(1024, 24, 16, 4096, 448));
  }

  private static Map<String, Object> intern(
      int hidden, int layers, int heads, int inner, int imageSize) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "intern_vit_6b");
    config.put("norm_type", "layer_norm");
    config.put("hidden_size", hidden);
    config.put("num_hidden_layers", layers);
    config.put("num_attention_heads", heads);
    config.put("intermediate_size", inner);
    config.put("image_size", imageSize);
    config.put("patch_size", 14);
    config.put("qkv_bias", true);
    config.put("qk_normalization", false);
    config.put("layer_norm_eps", 1e-6);
    config.put("hidden_act", "gelu");
    return config;
  }

  /// A tower within a larger model has its sizes in a section of their own, and other kinds of
  /// tower their own defaults.
  @Override
  public Map<String, Object> completed(Map<String, Object> stated) {
    boolean bare =
        !stated.containsKey("visual")
            && !stated.containsKey("vision_config")
            && String.valueOf(stated.getOrDefault("model_type", "intern_vit"))
                .startsWith("intern_vit");
    return bare ? Encoder.super.completed(stated) : stated;
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(VisionWeights.plan(ConfigFile.plan(config, VisionConfig::of)));
  }

  @Override
  public LoadedEncoder load(LoadContext context) {
    context.progress().stage("mapping weights");
    Settings model = context.settings().section("model");
    int tiles = model.integer("tiles", 1);
    ConfigFile.requireSize("model.tiles", tiles);
    FrameChoice frames =
        new FrameChoice(
            model.integer("max_frames", FrameChoice.CONTEXT_16K.maximum()),
            model.number("frames_per_second", FrameChoice.CONTEXT_16K.perSecond()));
    return load(context.checkpoint(), context.compute(), tiles, frames);
  }

  static LoadedVision load(Checkpoint checkpoint, Compute compute, int tiles, FrameChoice frames) {
    Arena copies = Arena.ofShared();
    try {
      VisionConfig config = ConfigFile.read(checkpoint, VisionConfig::of);
      StateDict weights = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
      VisionNetwork network = new VisionNetwork(config, VisionWeights.of(config, weights), compute);
      Preprocessing preprocessing =
          Preprocessing.of(
              config,
              checkpoint
                  .json("preprocessor_config.json")
                  .orElse(Settings.empty("no preprocessor_config.json")));
      return new LoadedVision(
          network, preprocessing, tiles, frames, copies, weights.bytes(), checkpoint.version());
    } catch (Throwable e) {
      copies.close();
      throw e;
    }
  }
}
