package org.tantra.plugin.longvita;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.PlannedWeights;
import org.tantra.nn.StateDict;

/// The weights of a tower by their roles; the one place that knows the names.
///
/// @param classToken `[hidden]`
/// @param patches `[hidden, channels · patchSize · patchSize]`
/// @param positions `[1 + grid · grid, hidden]`, the class token's first
/// @param firstNorm before the blocks; CLIP has one
/// @param lastNorm behind the blocks; ViT and CLIP have one
/// @param head ViT's classifier or CLIP's projection into the space of texts, if stored
/// @param projector Long-VITA's way into its language model, if stored
record VisionWeights(
    TensorView classToken,
    Map patches,
    TensorView positions,
    @Nullable Norm firstNorm,
    List<Block> blocks,
    @Nullable Norm lastNorm,
    @Nullable Map head,
    @Nullable Projector projector) {

  /// Gain and bias of a norm; RMS norms have no bias.
  record Norm(TensorView gain, @Nullable TensorView bias) {}

  /// A linear map, weight as `[out, in]`.
  record Map(TensorView weight, @Nullable TensorView bias) {}

  /// One block.
  ///
  /// @param queryNorm `[hidden]`, with [VisionConfig#qkNorm]
  /// @param scale1 what the attention is multiplied with, `[hidden]`; InternViT has it
  record Block(
      Norm norm1,
      Map query,
      Map key,
      Map value,
      @Nullable TensorView queryNorm,
      @Nullable TensorView keyNorm,
      Map output,
      @Nullable TensorView scale1,
      Norm norm2,
      Map up,
      Map down,
      @Nullable TensorView scale2) {}

  /// Norm and two maps behind the pixel shuffle.
  record Projector(Norm norm, Map first, Map second) {}

  /// @throws org.tantra.api.TantraException `CORRUPT` if a weight is missing or does not fit
  static VisionWeights of(VisionConfig config, StateDict weights) {
    return new Reading(config, weights).all();
  }

  /// The weights of a tower that has none yet, with the values that training began with.
  static WeightPlan plan(VisionConfig config) {
    PlannedWeights planned = new PlannedWeights(DType.F32, VisionWeights::start);
    var _ = of(config, planned);
    planned.ignore("vision_model.embeddings.position_ids");
    return planned.plan();
  }

  private static WeightPlan.Start start(TensorInfo info) {
    String name = info.name();
    boolean gain = name.contains("norm") && name.endsWith(".weight");
    boolean layerScale = name.endsWith(".ls1") || name.endsWith(".ls2");
    if (gain || layerScale) {
      return new WeightPlan.Start.Constant(1);
    }
    return name.endsWith(".bias")
        ? new WeightPlan.Start.Constant(0)
        : new WeightPlan.Start.Normal(0.02);
  }

  private record Reading(VisionConfig config, StateDict weights) {
    VisionWeights all() {
      return switch (config.layout()) {
        case INTERN, LONG_VITA -> intern();
        case VIT -> vit();
        case CLIP -> clip();
      };
    }

    private VisionWeights intern() {
      String at =
          config.layout() == VisionConfig.Layout.LONG_VITA
              ? prefix("embeddings.class_embedding", "model.vision_model.", "vision_model.", "")
              : prefix("embeddings.class_embedding", "", "vision_model.", "model.vision_model.");
      List<Block> blocks = new ArrayList<>();
      for (int i = 0; i < config.layers(); i++) {
        blocks.add(internBlock(at + "encoder.layers." + i + "."));
      }
      int hidden = config.hidden();
      return new VisionWeights(
          flat(weights.weight(at + "embeddings.class_embedding", 1, 1, hidden)),
          patches(at + "embeddings.patch_embedding.", true),
          rows(weights.weight(at + "embeddings.position_embedding", 1, positions(), hidden)),
          null,
          blocks,
          null,
          null,
          projector());
    }

    private Block internBlock(String at) {
      int hidden = config.hidden();
      TensorView packed = weights.weight(at + "attn.qkv.weight", 3L * hidden, hidden);
      TensorView bias = config.qkvBias() ? weights.weight(at + "attn.qkv.bias", 3L * hidden) : null;
      return new Block(
          norm(at + "norm1.", hidden),
          third(packed, bias, 0),
          third(packed, bias, 1),
          third(packed, bias, 2),
          config.qkNorm() ? weights.weight(at + "attn.q_norm.weight", hidden) : null,
          config.qkNorm() ? weights.weight(at + "attn.k_norm.weight", hidden) : null,
          map(at + "attn.proj.", hidden, hidden),
          weights.weight(at + "ls1", hidden),
          norm(at + "norm2.", hidden),
          map(at + "mlp.fc1.", config.inner(), hidden),
          map(at + "mlp.fc2.", hidden, config.inner()),
          weights.weight(at + "ls2", hidden));
    }

    /// Queries, keys and values lie one behind the other: a part of the view is a view.
    private Map third(TensorView packed, @Nullable TensorView bias, int part) {
      return new Map(part(packed, part), bias == null ? null : part(bias, part));
    }

    private TensorView part(TensorView packed, int part) {
      long bytes = packed.memory().byteSize() / 3;
      Shape shape =
          packed.shape().rank() == 1
              ? Shape.of(config.hidden())
              : Shape.of(config.hidden(), config.hidden());
      return view(packed, shape, packed.memory().asSlice(part * bytes, bytes));
    }

    /// Another look at a weight's memory; a planned weight has none.
    private static TensorView view(TensorView weight, Shape shape, MemorySegment memory) {
      return memory.byteSize() == 0 ? weight : new TensorView(weight.dtype(), shape, memory);
    }

    private @Nullable Projector projector() {
      String at = "model.vision_projection.";
      boolean planned = weights instanceof PlannedWeights && config.projected() > 0;
      if (!planned && !weights.has(at + "mlp.0.weight")) {
        return null;
      }
      int shuffled = 4 * config.hidden();
      int inner = planned ? config.hidden() : weights.size(at + "mlp.0.weight", 2, 0);
      int out = planned ? config.projected() : weights.size(at + "mlp.2.weight", 2, 0);
      return new Projector(
          layerNorm(at + "pre_proj_layernorm.", shuffled),
          new Map(weights.weight(at + "mlp.0.weight", inner, shuffled), null),
          new Map(weights.weight(at + "mlp.2.weight", out, inner), null));
    }

    private VisionWeights vit() {
      String at = prefix("embeddings.cls_token", "vit.", "");
      int hidden = config.hidden();
      List<Block> blocks = new ArrayList<>();
      for (int i = 0; i < config.layers(); i++) {
        String layer = at + "encoder.layer." + i + ".";
        blocks.add(
            new Block(
                layerNorm(layer + "layernorm_before.", hidden),
                projection(layer + "attention.attention.query."),
                projection(layer + "attention.attention.key."),
                projection(layer + "attention.attention.value."),
                null,
                null,
                map(layer + "attention.output.dense.", hidden, hidden),
                null,
                layerNorm(layer + "layernorm_after.", hidden),
                map(layer + "intermediate.dense.", config.inner(), hidden),
                map(layer + "output.dense.", hidden, config.inner()),
                null));
      }
      return new VisionWeights(
          flat(weights.weight(at + "embeddings.cls_token", 1, 1, hidden)),
          patches(at + "embeddings.patch_embeddings.projection.", true),
          rows(weights.weight(at + "embeddings.position_embeddings", 1, positions(), hidden)),
          null,
          blocks,
          layerNorm(at + "layernorm.", hidden),
          head("classifier."),
          null);
    }

    private VisionWeights clip() {
      String at = prefix("embeddings.class_embedding", "vision_model.", "");
      int hidden = config.hidden();
      List<Block> blocks = new ArrayList<>();
      for (int i = 0; i < config.layers(); i++) {
        String layer = at + "encoder.layers." + i + ".";
        blocks.add(
            new Block(
                layerNorm(layer + "layer_norm1.", hidden),
                projection(layer + "self_attn.q_proj."),
                projection(layer + "self_attn.k_proj."),
                projection(layer + "self_attn.v_proj."),
                null,
                null,
                map(layer + "self_attn.out_proj.", hidden, hidden),
                null,
                layerNorm(layer + "layer_norm2.", hidden),
                map(layer + "mlp.fc1.", config.inner(), hidden),
                map(layer + "mlp.fc2.", hidden, config.inner()),
                null));
      }
      return new VisionWeights(
          weights.weight(at + "embeddings.class_embedding", hidden),
          patches(at + "embeddings.patch_embedding.", false),
          weights.weight(at + "embeddings.position_embedding.weight", positions(), hidden),
          layerNorm(at + "pre_layrnorm.", hidden), // spelled so where it was published
          blocks,
          layerNorm(at + "post_layernorm.", hidden),
          head("visual_projection."),
          null);
    }

    private String prefix(String name, String... possible) {
      for (String prefix : possible) {
        if (weights.has(prefix + name)) {
          return prefix;
        }
      }
      return possible[0];
    }

    private long positions() {
      return 1L + (long) config.grid() * config.grid();
    }

    private Map patches(String at, boolean biased) {
      int side = config.patchSize();
      TensorView weight =
          weights.weight(at + "weight", config.hidden(), config.channels(), side, side);
      return new Map(
          view(
              weight,
              Shape.of(config.hidden(), (long) config.channels() * side * side),
              weight.memory()),
          biased ? weights.weight(at + "bias", config.hidden()) : null);
    }

    private TensorView flat(TensorView token) {
      return view(token, Shape.of(config.hidden()), token.memory());
    }

    private TensorView rows(TensorView table) {
      return view(table, Shape.of(positions(), config.hidden()), table.memory());
    }

    private Map projection(String at) {
      int hidden = config.hidden();
      return new Map(
          weights.weight(at + "weight", hidden, hidden),
          config.qkvBias() ? weights.weight(at + "bias", hidden) : null);
    }

    private Map map(String at, long out, long in) {
      return new Map(weights.weight(at + "weight", out, in), weights.weight(at + "bias", out));
    }

    private @Nullable Map head(String at) {
      if (!weights.has(at + "weight")) {
        return null;
      }
      int out = weights.size(at + "weight", 2, 0);
      return new Map(
          weights.weight(at + "weight", out, config.hidden()),
          weights.weightIfPresent(at + "bias", out));
    }

    private Norm norm(String at, int hidden) {
      return config.rmsNorm()
          ? new Norm(weights.weight(at + "weight", hidden), null)
          : layerNorm(at, hidden);
    }

    private Norm layerNorm(String at, int hidden) {
      return new Norm(weights.weight(at + "weight", hidden), weights.weight(at + "bias", hidden));
    }
  }
}
