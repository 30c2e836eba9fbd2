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
///
/// Three layouts are published: bare names (`wte.weight`), names below `transformer.`, and those of
/// llama.cpp's GGUF files (`token_embd.weight`), whose linear maps are turned around. Mask buffers
/// (`attn.bias`, `attn.masked_bias`) are left alone.
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

  /// A linear map.
  ///
  /// @param weight `[out, in]` if `rows`, otherwise `[in, out]`
  /// @param bias `[out]`
  public record Map(TensorView weight, TensorView bias, boolean rows) {}

  /// One layer.
  ///
  /// @param attention queries, keys and values in one, from hidden to 3 · hidden
  /// @param projection of the attended values, from hidden to hidden
  /// @param up into the MLP, from hidden to inner
  /// @param down out of it, from inner to hidden
  public record Block(Norm norm1, Map attention, Map projection, Norm norm2, Map up, Map down) {}

  /// @param copies where weights go that the file does not hold as they are needed
  /// @throws TantraException `CORRUPT` if a weight is missing or has another shape than the
  ///   configuration says; `UNSUPPORTED` if it is of a type without kernels
  public static GptWeights read(WeightSource source, GptConfig config, SegmentAllocator copies) {
    Checked checked = new Checked(source, config, copies);
    return new Reader(config, GptNames.of(source), checked).read(() -> checked.bytes);
  }

  /// The configuration with what only the weights tell: llama.cpp writes a head of its own exactly
  /// if there is one.
  static GptConfig completed(GptConfig config, WeightSource source) {
    GptNames names = GptNames.of(source);
    return names.equals(GptNames.LLAMA_CPP)
        ? config.withTiedHead(source.info(names.head()).isEmpty())
        : config;
  }

  /// The weights of a GGUF file of llama.cpp.
  public static WeightPlan ggufPlan(GptConfig config) {
    GptNames names = GptNames.LLAMA_CPP;
    PlannedWeights planned = planned(config);
    var _ = new Reader(config.withTiedHead(true), names, planned::weight).read(() -> 0);
    planned.optional(names.head(), config.vocab(), config.hidden());
    return planned.plan();
  }

  /// The weights that [#read] asks for, with the values GPT-2's training began with.
  ///
  /// @param prefix what stands before all names but the head's: nothing, or `transformer.`
  /// @param headKnown whether the configuration alone says if there is a head of its own; if not, a
  ///   checkpoint may bring one
  public static WeightPlan plan(GptConfig config, String prefix, boolean headKnown) {
    PlannedWeights planned = planned(config);
    var _ = new Reader(config, GptNames.published(prefix), planned::weight).read(() -> 0);
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

  private static PlannedWeights planned(GptConfig config) {
    return new PlannedWeights(
        DType.F32,
        info ->
            info.shape().rank() == 2
                ? new WeightPlan.Start.Normal(deviation(info.name(), config))
                : new WeightPlan.Start.Constant(info.name().endsWith(".weight") ? 1 : 0));
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

  /// The one place that knows shapes.
  private record Reader(GptConfig config, GptNames names, Lookup lookup) {
    GptWeights read(LongSupplier bytes) {
      int hidden = config.hidden();
      TensorView tokens = lookup.weight(names.tokens(), config.vocab(), hidden);
      TensorView positions = lookup.weight(names.positions(), config.context(), hidden);
      List<Block> blocks = new ArrayList<>();
      for (int layer = 0; layer < config.layers(); layer++) {
        blocks.add(block(names.block(layer)));
      }
      Norm finalNorm = norm(names.finalNorm());
      TensorView head =
          config.tiedHead() ? tokens : lookup.weight("lm_head.weight", config.vocab(), hidden);
      return new GptWeights(tokens, positions, blocks, finalNorm, head, bytes.getAsLong());
    }

    private Block block(String at) {
      int hidden = config.hidden();
      return new Block(
          norm(at + names.norm1()),
          map(at + names.attention(), hidden, 3L * hidden),
          map(at + names.projection(), hidden, hidden),
          norm(at + names.norm2()),
          map(at + names.up(), hidden, config.inner()),
          map(at + names.down(), config.inner(), hidden));
    }

    private Norm norm(String at) {
      return new Norm(
          lookup.weight(at + "weight", config.hidden()),
          lookup.weight(at + "bias", config.hidden()));
    }

    private Map map(String at, long in, long out) {
      TensorView weight =
          names.rows()
              ? lookup.weight(at + "weight", out, in)
              : lookup.weight(at + "weight", in, out);
      return new Map(weight, lookup.weight(at + "bias", out), names.rows());
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
