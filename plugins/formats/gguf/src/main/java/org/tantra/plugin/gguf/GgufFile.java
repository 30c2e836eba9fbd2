package org.tantra.plugin.gguf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.quant.Dequantizer;

/// An open GGUF file; every tensor is a view of the mapping.
final class GgufFile implements WeightFile {
  private static final Set<DType> EXPANDS =
      GgufType.TYPES.values().stream()
          .filter(type -> type.blockElements() > 1 && Dequantizer.reads(type))
          .collect(Collectors.toUnmodifiableSet());

  private final MemorySegment file;
  private final GgufHeader header;
  private final Arena arena;
  private final List<TensorInfo> tensors;

  /// @param arena holds the mapped file; closed with this
  GgufFile(MemorySegment file, GgufHeader header, Arena arena) {
    this.file = file;
    this.header = header;
    this.arena = arena;
    this.tensors = header.tensors().values().stream().map(GgufTensor::info).toList();
  }

  @Override
  public String formatVersion() {
    return Integer.toString(header.version());
  }

  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Optional<TensorInfo> info(String name) {
    return Optional.ofNullable(header.tensors().get(name)).map(GgufTensor::info);
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    GgufTensor tensor = header.tensors().get(name);
    if (tensor == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "There is no weight '" + name + "' among the " + tensors.size() + " of this file.");
    }
    TensorInfo info = tensor.info();
    return new TensorView(
        info.dtype(), info.shape(), file.asSlice(tensor.offset(), info.byteSize()));
  }

  @Override
  public Set<DType> expands() {
    return EXPANDS;
  }

  @Override
  public TensorView expanded(String name, SegmentAllocator scratch) {
    TensorView stored = tensor(name, scratch);
    if (!EXPANDS.contains(stored.dtype())) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED, "Weight '" + name + "' is " + stored.dtype() + ", not quantised.");
    }
    return Dequantizer.toF32(stored, scratch);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
