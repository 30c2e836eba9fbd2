package org.tantra.host.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.FileSlice;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A state dict whose floating point and quantised tensors come in another floating point type; all
/// others as they are. For one thread.
final class RetypedWeights implements ChangedWeights {
  private static final int CHUNK = 1 << 14;

  private final WeightSource source;
  private final DType dtype;
  private final Map<String, TensorInfo> originals = new LinkedHashMap<>();
  private final List<TensorInfo> tensors = new ArrayList<>();
  private final Map<String, Rounding> roundings = new LinkedHashMap<>();
  private final double[] values = new double[CHUNK];
  private final double[] rounded = new double[CHUNK];

  RetypedWeights(WeightSource source, DType dtype) {
    this.source = source;
    this.dtype = dtype;
    for (TensorInfo info : source.tensors()) {
      originals.put(info.name(), info);
      tensors.add(changes(info) ? new TensorInfo(info.name(), dtype, info.shape()) : info);
    }
  }

  private boolean changes(TensorInfo info) {
    return info.dtype() != dtype && Floats.readable(source, info.dtype());
  }

  @Override
  public Map<String, String> metadata() {
    return source.metadata();
  }

  @Override
  public List<TensorInfo> tensors() {
    return List.copyOf(tensors);
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    TensorInfo original = originals.get(name);
    if (original == null || !changes(original)) {
      return source.tensor(name, scratch);
    }
    TensorView view = Floats.view(source, original, scratch);
    if (view.dtype() == dtype) {
      roundings.put(name, new Rounding(view.shape().elements(), 0, 0, 0));
      return view;
    }
    MemorySegment memory = scratch.allocate(dtype.byteSize(view.shape().elements()), 64);
    roundings.put(name, convert(view, memory));
    return new TensorView(dtype, view.shape(), memory);
  }

  @Override
  public Optional<FileSlice> slice(String name) throws IOException {
    TensorInfo original = originals.get(name);
    return original == null || !changes(original) ? source.slice(name) : Optional.empty();
  }

  private Rounding convert(TensorView from, MemorySegment to) {
    Rounding rounding = Rounding.NONE;
    boolean exact = Floats.holdsAllOf(dtype, from.dtype());
    long elements = from.shape().elements();
    for (long at = 0; at < elements; at += CHUNK) {
      int count = (int) Math.min(CHUNK, elements - at);
      Floats.read(from.dtype(), from.memory(), at, values, count);
      Floats.write(dtype, to, at, values, count);
      if (!exact) {
        Floats.read(dtype, to, at, rounded, count);
        rounding = rounding.plus(Rounding.between(values, rounded, count));
      }
    }
    return rounding.plus(new Rounding(elements, 0, 0, 0));
  }

  @Override
  public Rounding rounding() {
    return roundings.values().stream().reduce(Rounding.NONE, Rounding::plus);
  }

  /// The groups of the source: what shared a storage has equal values still.
  @Override
  public List<List<String>> shared() {
    return source.shared();
  }

  @Override
  public Optional<TensorInfo> info(String name) {
    return Optional.ofNullable(originals.get(name))
        .map(info -> changes(info) ? new TensorInfo(name, dtype, info.shape()) : info);
  }
}
