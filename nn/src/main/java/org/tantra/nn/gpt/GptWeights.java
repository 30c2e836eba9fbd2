package org.tantra.nn.gpt;

import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.PlannedWeights;
import org.tantra.nn.ReadableWeight;

/// The weights of a checkpoint with GPT-2's names, every shape checked against the configuration.
/// Linear maps lie as `[in, out]`.
///
/// Two layouts are published: bare names (`wte.weight`) and names below `transformer.`. Mask
/// buffers (`attn.bias`, `attn.masked_bias`) are left alone.
///
/// @param tokens embedding of tokens, `[vocab, hidden]`
/// @param positions embedding of positions, `[context, hidden]`
/// @param blocks the layers, first to last
/// @param finalNorm norm before the head
/// @param head `[vocab, hidden]`; the embedding itself when tied
/// @param bytes memory of all of these, shared parts once
public record GptWeights(
    TensorView tokens,
    TensorView positions,
    List<Block> blocks,
    Norm finalNorm,
    TensorView head,
    long bytes) {

  /// `initializer_range` of every published configuration.
  private static final double DEVIATION = 0.02;

  public GptWeights {
    blocks = List.copyOf(blocks);
  }

  /// Gain and bias of a layer norm, `[hidden]` each.
  public record Norm(TensorView gain, TensorView bias) {}

  /// A linear map: weight `[in, out]`, bias `[out]`.
  public record Map(TensorView weight, TensorView bias) {}

  /// One layer.
  ///
  /// @param attention queries, keys and values in one, `[hidden, 3 · hidden]`
  /// @param projection of the attended values, `[hidden, hidden]`
  /// @param up into the MLP, `[hidden, inner]`
  /// @param down out of it, `[inner, hidden]`
  public record Block(Norm norm1, Map attention, Map projection, Norm norm2, Map up, Map down) {}

  /// @param copies where weights go that the file does not hold as they are needed
  /// @throws TantraException `CORRUPT` if a weight is missing or has another shape than the
  ///   configuration says; `UNSUPPORTED` if it is of a type without kernels
  public static GptWeights read(WeightSource source, GptConfig config, SegmentAllocator copies) {
    String prefix = source.info("transformer.wte.weight").isPresent() ? "transformer." : "";
    Checked checked = new Checked(source, config, copies);
    return new Reader(config, prefix, checked).read(() -> checked.bytes);
  }

  /// The weights that [#read] asks for, with the values GPT-2's training began with.
  ///
  /// @param prefix what stands before all names but the head's: nothing, or `transformer.`
  /// @param headKnown whether the configuration alone says if there is a head of its own; if not, a
  ///   checkpoint may bring one
  public static WeightPlan plan(GptConfig config, String prefix, boolean headKnown) {
    PlannedWeights planned =
        new PlannedWeights(
            DType.F32,
            info ->
                info.shape().rank() == 2
                    ? new WeightPlan.Start.Normal(deviation(info.name(), config))
                    : new WeightPlan.Start.Constant(info.name().endsWith(".weight") ? 1 : 0));
    var _ = new Reader(config, prefix, planned::weight).read(() -> 0);
    if (config.tiedHead() && !headKnown) {
      planned.optional("lm_head.weight", config.vocab(), config.hidden());
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      planned.ignore(prefix + "h." + layer + ".attn.bias");
      planned.ignore(prefix + "h." + layer + ".attn.masked_bias");
    }
    if (config.tiedHead() && headKnown) {
      planned.ignore("lm_head.weight");
    }
    return planned.plan();
  }

  /// As the reference implementation begins: what is added to the residual stream is smaller, so
  /// that its variance does not grow with depth.
  private static double deviation(String name, GptConfig config) {
    return name.endsWith("c_proj.weight")
        ? DEVIATION / Math.sqrt(2.0 * config.layers())
        : DEVIATION;
  }

  /// Where the weights come from.
  private interface Lookup {
    TensorView weight(String name, long... shape);
  }

  /// The one place that knows names and shapes.
  private record Reader(GptConfig config, String prefix, Lookup lookup) {
    GptWeights read(LongSupplier bytes) {
      int hidden = config.hidden();
      TensorView tokens = lookup.weight(prefix + "wte.weight", config.vocab(), hidden);
      TensorView positions = lookup.weight(prefix + "wpe.weight", config.context(), hidden);
      List<Block> blocks = new ArrayList<>();
      for (int layer = 0; layer < config.layers(); layer++) {
        blocks.add(block(prefix + "h." + layer + "."));
      }
      Norm finalNorm = norm(prefix + "ln_f.");
      TensorView head =
          config.tiedHead() ? tokens : lookup.weight("lm_head.weight", config.vocab(), hidden);
      return new GptWeights(tokens, positions, blocks, finalNorm, head, bytes.getAsLong());
    }

    private Block block(String at) {
      int hidden = config.hidden();
      return new Block(
          norm(at + "ln_1."),
          map(at + "attn.c_attn.", hidden, 3L * hidden),
          map(at + "attn.c_proj.", hidden, hidden),
          norm(at + "ln_2."),
          map(at + "mlp.c_fc.", hidden, config.inner()),
          map(at + "mlp.c_proj.", config.inner(), hidden));
    }

    private Norm norm(String at) {
      return new Norm(
          lookup.weight(at + "weight", config.hidden()),
          lookup.weight(at + "bias", config.hidden()));
    }

    private Map map(String at, long in, long out) {
      return new Map(lookup.weight(at + "weight", in, out), lookup.weight(at + "bias", out));
    }
  }

  /// Weights of a file, each held against what is expected.
  private static final class Checked implements Lookup {
    private final WeightSource source;
    private final GptConfig config;
    private final SegmentAllocator copies;
    private long bytes;

    Checked(WeightSource source, GptConfig config, SegmentAllocator copies) {
      this.source = source;
      this.config = config;
      this.copies = copies;
    }

    @Override
    public TensorView weight(String name, long... shape) {
      Optional<TensorInfo> info = source.info(name);
      if (info.isEmpty()) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            ("Weight '%s' is missing; the file has %d others. It is no GPT-2 "
                    + "checkpoint, or one with fewer layers than config.json says (%d).")
                .formatted(name, source.tensors().size(), config.layers()));
      }
      if (!info.get().shape().is(shape)) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            ("Weight '%s' has shape %s, config.json asks for %s. The config belongs to "
                    + "another checkpoint.")
                .formatted(name, info.get().shape(), Shape.of(shape)));
      }
      if (!ReadableWeight.supports(info.get().dtype(), info.get().shape())) {
        throw new TantraException(
            ErrorKind.UNSUPPORTED,
            "Weight '%s' is stored as %s; this plugin computes with %s. Convert the checkpoint to one of these."
                .formatted(name, info.get().dtype(), ReadableWeight.TYPES));
      }
      TensorView view = ReadableWeight.of(source.tensor(name, copies), copies);
      bytes += view.memory().byteSize();
      return view;
    }
  }
}
