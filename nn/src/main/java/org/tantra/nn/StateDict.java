package org.tantra.nn;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.SegmentAllocator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.quant.Dequantizer;

/// A state dict read with expectations: every weight is asked for by name and shape, and one that
/// is missing or does not fit is refused with both. Used by one thread, while a model loads.
public sealed class StateDict permits PlannedWeights {
  /// Far above every published model, and low enough that no product of two sizes overflows.
  private static final long MAXIMUM_SIZE = 1 << 24;

  private final String origin;
  private final WeightSource source;
  private final SegmentAllocator copies;
  private final Map<String, TensorInfo> infos = new TreeMap<>();
  private final Map<String, TensorView> read = new HashMap<>();

  /// @param origin what messages call the checkpoint
  /// @param copies memory for weights that cannot be mapped; must outlive the model
  public StateDict(String origin, WeightSource source, SegmentAllocator copies) {
    this.origin = requireNonNull(origin, "origin");
    this.source = requireNonNull(source, "source");
    this.copies = requireNonNull(copies, "copies");
    source.tensors().forEach(info -> infos.put(info.name(), info));
  }

  /// What messages call the checkpoint.
  public String origin() {
    return origin;
  }

  public boolean has(String name) {
    return infos.containsKey(name);
  }

  /// How many sizes a weight has.
  ///
  /// @throws TantraException `CORRUPT` if it is missing
  public int rank(String name) {
    return info(name).shape().rank();
  }

  /// One size of a weight, to derive those of the network from.
  ///
  /// @param rank how many sizes it must have
  /// @throws TantraException `CORRUPT` if it is missing, of another rank, or implausible
  public int size(String name, int rank, int axis) {
    Shape shape = info(name).shape();
    if (shape.rank() != rank || shape.size(axis) < 1 || shape.size(axis) > MAXIMUM_SIZE) {
      throw corrupt(
          "Weight '%s' of '%s' has shape %s; %d sizes from 1 to %d are possible."
              .formatted(name, origin, shape, rank, MAXIMUM_SIZE));
    }
    return Math.toIntExact(shape.size(axis));
  }

  /// How many layers there are: one more than the largest N of weights named `prefixN.…`.
  public int layers(String prefix) {
    int layers = 0;
    for (String name : infos.keySet()) {
      if (name.startsWith(prefix)) {
        int end = name.indexOf('.', prefix.length());
        String number = end < 0 ? "" : name.substring(prefix.length(), end);
        if (number.matches("\\d{1,6}")) {
          layers = Math.max(layers, Integer.parseInt(number) + 1);
        }
      }
    }
    return layers;
  }

  /// A weight of floating point numbers that layers can read.
  ///
  /// @throws TantraException `CORRUPT` if it is missing or has another shape; `UNSUPPORTED` if
  ///   there are no kernels for its dtype
  public TensorView weight(String name, long... shape) {
    TensorInfo info = info(name);
    if (!info.shape().is(shape)) {
      throw corrupt(
          "Weight '%s' of '%s' has shape %s, the rest of the checkpoint asks for %s. The file mixes two models, or the config belongs to another checkpoint."
              .formatted(name, origin, info.shape(), Shape.of(shape)));
    }
    if (!ReadableWeight.supports(info.dtype(), info.shape())) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "Weight '%s' of '%s' is %s; this model runs on %s. Convert the checkpoint."
              .formatted(name, origin, info.dtype(), ReadableWeight.TYPES));
    }
    return read.computeIfAbsent(name, _ -> ReadableWeight.of(source.tensor(name, copies), copies));
  }

  /// As [#weight], for a weight whose numbers the network takes over one by one: expanded to F32 if
  /// it comes in blocks.
  public TensorView numbers(String name, long... shape) {
    TensorView view = weight(name, shape);
    if (view.dtype().blockElements() == 1) {
      return view;
    }
    TensorView expanded = Dequantizer.toF32(view, copies);
    read.put(name, expanded);
    return expanded;
  }

  /// As [#weight], or null if there is no such weight.
  public @Nullable TensorView weightIfPresent(String name, long... shape) {
    return has(name) ? weight(name, shape) : null;
  }

  /// Bytes of all weights given out so far, each counted once.
  public long bytes() {
    return read.values().stream().mapToLong(view -> view.memory().byteSize()).sum();
  }

  private TensorInfo info(String name) {
    TensorInfo info = infos.get(name);
    if (info == null) {
      throw corrupt(
          "'%s' has no weight '%s', which its other %d weights ask for. Fetch it again, or check that all shards are there."
              .formatted(origin, name, infos.size()));
    }
    return info;
  }

  private static TantraException corrupt(String message) {
    return new TantraException(ErrorKind.CORRUPT, message);
  }
}
