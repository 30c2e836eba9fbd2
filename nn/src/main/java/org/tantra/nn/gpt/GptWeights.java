package org.tantra.nn.gpt;

import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.Linear;

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
    return new Reader(source, config, copies).read();
  }

  private static final class Reader {
    private final WeightSource source;
    private final GptConfig config;
    private final SegmentAllocator copies;
    private final String prefix;
    private long bytes;

    Reader(WeightSource source, GptConfig config, SegmentAllocator copies) {
      this.source = source;
      this.config = config;
      this.copies = copies;
      this.prefix = source.info("transformer.wte.weight").isPresent() ? "transformer." : "";
    }

    GptWeights read() {
      int hidden = config.hidden();
      TensorView tokens = weight(prefix + "wte.weight", config.vocab(), hidden);
      TensorView positions = weight(prefix + "wpe.weight", config.context(), hidden);
      List<Block> blocks = new ArrayList<>();
      for (int layer = 0; layer < config.layers(); layer++) {
        blocks.add(block(prefix + "h." + layer + "."));
      }
      Norm finalNorm = norm(prefix + "ln_f.");
      TensorView head =
          config.tiedHead() ? tokens : weight("lm_head.weight", config.vocab(), hidden);
      return new GptWeights(tokens, positions, blocks, finalNorm, head, bytes);
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
      return new Norm(weight(at + "weight", config.hidden()), weight(at + "bias", config.hidden()));
    }

    private Map map(String at, long in, long out) {
      return new Map(weight(at + "weight", in, out), weight(at + "bias", out));
    }

    private TensorView weight(String name, long... shape) {
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
      if (!Linear.supports(info.get().dtype())) {
        throw new TantraException(
            ErrorKind.UNSUPPORTED,
            ("Weight '%s' is stored as %s; this plugin computes with F32, F16 and BF16. "
                    + "Convert the checkpoint to one of these.")
                .formatted(name, info.get().dtype()));
      }
      TensorView view = source.tensor(name, copies);
      bytes += view.memory().byteSize();
      return view;
    }
  }
}
