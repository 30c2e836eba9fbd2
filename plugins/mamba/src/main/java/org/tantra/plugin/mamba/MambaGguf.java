package org.tantra.plugin.mamba;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.GgufConfig;
import org.tantra.nn.quant.Dequantizer;

/// The weights of a GGUF file of llama.cpp under the names and in the shapes of the authors'
/// layout, whose gated norm it shares: the one place that knows llama.cpp's.
///
/// The numbers are those of the file, but for the decay: `ssm_a` holds `-exp(A_log)`, and a copy
/// with its logarithm is made. Convolutions lie there without their middle axis; of Mamba-2, `A`
/// and `D` with one more, and the gated norm with a row for each group.
final class MambaGguf implements WeightSource {
  private static final String EMBEDDING = "token_embd.weight";
  private static final String HEAD = "output.weight";
  private static final String LAYERS = "blk.";
  private static final MambaLayout LAYOUT = MambaLayout.ORIGINAL;

  /// What llama.cpp calls the sizes, without the architecture before it.
  private static final Map<String, String> SIZES =
      Map.of(
          "embedding_length", "hidden_size",
          "block_count", "num_hidden_layers",
          "ssm.conv_kernel", "conv_kernel",
          "ssm.inner_size", "intermediate_size",
          "ssm.state_size", "state_size",
          "ssm.group_count", "n_groups",
          "attention.layer_norm_rms_epsilon", "layer_norm_epsilon");

  /// Weights outside of layers, from the authors' name.
  private static final Map<String, String> NAMES =
      Map.of(
          LAYOUT.embedding,
          EMBEDDING,
          LAYOUT.finalNorm + ".weight",
          "output_norm.weight",
          LAYOUT.head + ".weight",
          HEAD);

  private static final String DECAY = "mixer.A_log";

  /// Weights of a layer, from the authors' name; the last two are Mamba-2's.
  private static final Map<String, String> LAYER_NAMES =
      Map.ofEntries(
          Map.entry("norm.weight", "attn_norm.weight"),
          Map.entry("mixer.in_proj.weight", "ssm_in.weight"),
          Map.entry("mixer.conv1d.weight", "ssm_conv1d.weight"),
          Map.entry("mixer.conv1d.bias", "ssm_conv1d.bias"),
          Map.entry("mixer.x_proj.weight", "ssm_x.weight"),
          Map.entry("mixer.dt_proj.weight", "ssm_dt.weight"),
          Map.entry("mixer.dt_proj.bias", "ssm_dt.bias"),
          Map.entry(DECAY, "ssm_a"),
          Map.entry("mixer.D", "ssm_d"),
          Map.entry("mixer.out_proj.weight", "ssm_out.weight"),
          Map.entry("mixer.norm.weight", "ssm_norm.weight"),
          Map.entry("mixer.dt_bias", "ssm_dt.bias"));

  private final WeightSource file;
  private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
  private final Map<String, String> stored = new LinkedHashMap<>();

  private MambaGguf(WeightSource file) {
    this.file = file;
    boolean second = file.info(LAYERS + "0.ssm_x.weight").isEmpty();
    for (TensorInfo info : file.tensors()) {
      String name = authorsName(info.name(), second);
      if (stored.putIfAbsent(name, info.name()) == null) {
        infos.put(name, new TensorInfo(name, info.dtype(), shape(name, info.shape(), second)));
      }
    }
  }

  /// The weights of a checkpoint, whatever they are called.
  static WeightSource of(WeightSource weights) {
    return weights.info(EMBEDDING).isPresent() ? new MambaGguf(weights) : weights;
  }

  /// A configuration in the words of the published one, whatever wrote it.
  ///
  /// @throws TantraException `UNSUPPORTED` if the file is of a relative that computes something
  ///   else
  static Settings config(Settings values) {
    if (!GgufConfig.describes(values)) {
      return values;
    }
    String architecture = values.text("general.architecture");
    if (values.flag(architecture + ".ssm.dt_b_c_rms", false)) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "%s is a Falcon Mamba, with norms before the state space, which this plugin does not compute."
              .formatted(values.origin()));
    }
    Map<String, Object> config = new LinkedHashMap<>(GgufConfig.translated(values, SIZES).asMap());
    // Of Mamba-2 llama.cpp calls the number of heads a rank.
    String rank = architecture + ".ssm.time_step_rank";
    if (values.has(rank) && !architecture.equals("mamba2")) {
      config.put("time_step_rank", values.integer(rank));
    } else if (values.has(rank)) {
      int heads = values.integer(rank);
      config.put("num_heads", heads);
      config.put("head_dim", values.integer(architecture + ".ssm.inner_size") / Math.max(1, heads));
    }
    return Settings.of(values.origin(), config);
  }

  /// A configuration, and whether the head is the embedding: llama.cpp writes one exactly if it is
  /// not.
  ///
  /// @throws TantraException `CORRUPT` if a value is of the wrong kind; `UNSUPPORTED` as above
  static Settings config(Settings values, WeightSource weights) {
    Settings config;
    try {
      config = config(values);
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      throw new TantraException(ErrorKind.CORRUPT, e.getMessage(), e);
    }
    if (weights.info(EMBEDDING).isEmpty() || config.has("tie_word_embeddings")) {
      return config;
    }
    Map<String, Object> complete = new LinkedHashMap<>(config.asMap());
    complete.put("tie_word_embeddings", weights.info(HEAD).isEmpty());
    return Settings.of(config.origin(), complete);
  }

  /// A plan in the published layout as llama.cpp would write the file.
  ///
  /// @param config from [#config(Settings)]
  static WeightPlan plan(WeightPlan published, Settings config) {
    List<WeightPlan.Weight> weights = new ArrayList<>();
    boolean second =
        published.weights().stream().noneMatch(it -> it.info().name().endsWith("x_proj.weight"));
    int groups = Math.max(1, config.integer("n_groups", 1));
    for (WeightPlan.Weight weight : published.weights()) {
      TensorInfo info = weight.info();
      String name = ggufName(info.name());
      if (name.equals(EMBEDDING)) {
        TensorInfo head = new TensorInfo(HEAD, info.dtype(), info.shape());
        weights.add(new WeightPlan.Weight(head, weight.start(), true));
      }
      if (!name.equals(HEAD)) {
        TensorInfo stored = new TensorInfo(name, info.dtype(), ggufShape(info, second, groups));
        weights.add(new WeightPlan.Weight(stored, weight.start(), weight.optional()));
      }
    }
    return new WeightPlan(weights, List.of());
  }

  private static String authorsName(String name, boolean second) {
    for (Map.Entry<String, String> entry : NAMES.entrySet()) {
      if (entry.getValue().equals(name)) {
        return entry.getKey();
      }
    }
    int end = name.startsWith(LAYERS) ? name.indexOf('.', LAYERS.length()) : -1;
    if (end < 0) {
      return name;
    }
    String layer = LAYOUT.layers + name.substring(LAYERS.length(), end + 1);
    String rest = name.substring(end + 1);
    if (rest.equals("ssm_dt.bias")) {
      return layer + (second ? "mixer.dt_bias" : "mixer.dt_proj.bias");
    }
    for (Map.Entry<String, String> entry : LAYER_NAMES.entrySet()) {
      if (entry.getValue().equals(rest)) {
        return layer + entry.getKey();
      }
    }
    return name;
  }

  private static String ggufName(String published) {
    if (published.equals(MambaLayout.PUBLISHED.embedding)) {
      return EMBEDDING;
    }
    String name = NAMES.get(published);
    if (name != null) {
      return name;
    }
    int end = published.indexOf('.', LAYOUT.layers.length());
    String rest = published.substring(end + 1);
    return LAYERS
        + published.substring(LAYOUT.layers.length(), end + 1)
        + LAYER_NAMES.getOrDefault(rest, rest);
  }

  private static Shape shape(String name, Shape gguf, boolean second) {
    if (name.endsWith("conv1d.weight") && gguf.rank() == 2) {
      return Shape.of(gguf.size(0), 1, gguf.size(1));
    }
    boolean flat =
        name.endsWith(DECAY) || name.endsWith("mixer.D") || name.endsWith("mixer.norm.weight");
    return second && flat && gguf.rank() == 2 ? Shape.of(gguf.elements()) : gguf;
  }

  private static Shape ggufShape(TensorInfo info, boolean second, int groups) {
    Shape shape = info.shape();
    String name = info.name();
    if (name.endsWith("conv1d.weight")) {
      return Shape.of(shape.size(0), shape.size(2));
    }
    if (second && (name.endsWith(DECAY) || name.endsWith("mixer.D"))) {
      return Shape.of(shape.size(0), 1);
    }
    return name.endsWith("mixer.norm.weight") ? Shape.of(groups, shape.size(0) / groups) : shape;
  }

  @Override
  public Map<String, String> metadata() {
    return file.metadata();
  }

  @Override
  public Settings attributes() {
    return file.attributes();
  }

  @Override
  public List<TensorInfo> tensors() {
    return List.copyOf(infos.values());
  }

  @Override
  public Optional<TensorInfo> info(String name) {
    return Optional.ofNullable(infos.get(name));
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    TensorInfo info = infos.get(name);
    if (info == null) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no weight '%s'.".formatted(name));
    }
    String own = String.valueOf(stored.get(name));
    TensorView view = file.tensor(own, scratch);
    return name.endsWith(DECAY)
        ? logarithm(own, view, info.shape(), scratch)
        : new TensorView(view.dtype(), info.shape(), view.memory());
  }

  private static TensorView logarithm(
      String name, TensorView decay, Shape shape, SegmentAllocator scratch) {
    TensorView numbers =
        decay.dtype().blockElements() == 1 ? decay : Dequantizer.toF32(decay, scratch);
    long elements = shape.elements();
    MemorySegment memory = scratch.allocate(Math.max(1, elements) * 4, 64);
    for (long i = 0; i < elements; i++) {
      float value = numbers.floatAt(i);
      if (!(value < 0)) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "Weight '%s' holds %s at %d; decays are below 0.".formatted(name, value, i));
      }
      memory.setAtIndex(TensorView.F32, i, (float) Math.log(-value));
    }
    return new TensorView(DType.F32, shape, memory.asSlice(0, elements * 4));
  }
}
