package org.tantra.testkit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A state dict on the heap, for tests of writers. Immutable as long as nobody writes to its views.
public final class MemoryWeights implements WeightSource {
  private final Map<String, String> metadata;
  private final Settings attributes;
  private final Map<String, TensorView> tensors;

  private MemoryWeights(
      Map<String, String> metadata, Settings attributes, Map<String, TensorView> tensors) {
    this.metadata = metadata;
    this.attributes = attributes;
    this.tensors = tensors;
  }

  /// Tensors by name, in the order of the map.
  public static MemoryWeights of(Map<String, TensorView> tensors) {
    return new MemoryWeights(
        Map.of(),
        Settings.empty("memory"),
        Collections.unmodifiableMap(new LinkedHashMap<>(tensors)));
  }

  /// Everything another source holds, copied, so that it may be closed.
  public static MemoryWeights copyOf(WeightSource source) {
    Map<String, TensorView> copies = new LinkedHashMap<>();
    for (TensorInfo info : source.tensors()) {
      try (Arena scratch = Arena.ofConfined()) {
        TensorView view = source.tensor(info.name(), scratch);
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(info.byteSize())]);
        copies.put(
            info.name(), new TensorView(view.dtype(), view.shape(), bytes.copyFrom(view.memory())));
      }
    }
    return of(copies).withMetadata(source.metadata());
  }

  /// A tensor of random bytes; of random zeros and ones if the type is `BOOL`.
  public static TensorView random(DType dtype, Shape shape, Random random) {
    byte[] bytes = new byte[Math.toIntExact(dtype.byteSize(shape.elements()))];
    random.nextBytes(bytes);
    if (dtype == DType.BOOL) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= 1;
      }
    }
    return new TensorView(dtype, shape, MemorySegment.ofArray(bytes));
  }

  /// The same tensors with this metadata.
  public MemoryWeights withMetadata(Map<String, String> other) {
    return new MemoryWeights(
        Collections.unmodifiableMap(new LinkedHashMap<>(other)), attributes, tensors);
  }

  /// The same tensors with these attributes.
  public MemoryWeights withAttributes(Settings other) {
    return new MemoryWeights(metadata, other, tensors);
  }

  @Override
  public Settings attributes() {
    return attributes;
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors.entrySet().stream()
        .map(entry -> new TensorInfo(entry.getKey(), entry.getValue().dtype(), shape(entry)))
        .toList();
  }

  private static Shape shape(Map.Entry<String, TensorView> entry) {
    return entry.getValue().shape();
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    TensorView view = tensors.get(name);
    if (view == null) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no weight '" + name + "'.");
    }
    return view;
  }
}
