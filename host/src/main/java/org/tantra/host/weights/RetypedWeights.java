package org.tantra.host.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.FileSlice;
import org.tantra.api.Settings;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A state dict whose floating point and quantised tensors come in another floating point type; all
/// others as they are. For one thread.
final class RetypedWeights implements ChangedWeights {
  private final WeightSource source;
  private final DType dtype;
  private final Map<String, TensorInfo> originals = new LinkedHashMap<>();
  private final List<TensorInfo> tensors = new ArrayList<>();
  private final Map<String, Rounding> roundings = new LinkedHashMap<>();

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
  public Settings attributes() {
    return source.attributes();
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
    FloatConversion conversion = new FloatConversion(view.dtype(), dtype);
    roundings.put(name, conversion.convert(view.memory(), memory, view.shape().elements()));
    return new TensorView(dtype, view.shape(), memory);
  }

  @Override
  public Optional<FileSlice> slice(String name) throws IOException {
    TensorInfo original = originals.get(name);
    return original == null || !changes(original) ? source.slice(name) : Optional.empty();
  }

  @Override
  public long copyTo(String name, WritableByteChannel to) throws IOException {
    TensorInfo original = originals.get(name);
    if (original == null || !changes(original)) {
      return source.copyTo(name, to);
    }
    if (!Floats.TYPES.contains(original.dtype())) {
      return ChangedWeights.super.copyTo(name, to);
    }
    RetypingChannel retyping = new RetypingChannel(original.dtype(), dtype, to);
    source.copyTo(name, retyping);
    retyping.finish();
    roundings.put(name, retyping.rounding());
    return dtype.byteSize(original.shape().elements());
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
