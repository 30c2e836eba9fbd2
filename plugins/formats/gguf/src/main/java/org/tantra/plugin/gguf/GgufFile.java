package org.tantra.plugin.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.Settings;
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

  private final MemorySegment bytes;
  private final @Nullable MappedFile file;
  private final String name;
  private final GgufHeader header;
  private final List<TensorInfo> tensors;

  /// @param file closed with this
  GgufFile(MappedFile file, GgufHeader header) {
    this(file.bytes(), file.name(), header, file);
  }

  /// @param bytes of a whole file, in memory of the caller
  GgufFile(MemorySegment bytes, GgufHeader header) {
    this(bytes, "bytes", header, null);
  }

  private GgufFile(MemorySegment bytes, String name, GgufHeader header, @Nullable MappedFile file) {
    this.bytes = bytes;
    this.name = name;
    this.file = file;
    this.header = header;
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
  public Settings attributes() {
    return GgufAttributes.read(bytes, name);
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
    GgufTensor tensor = stored(name);
    TensorInfo info = tensor.info();
    return new TensorView(
        info.dtype(), info.shape(), bytes.asSlice(tensor.offset(), info.byteSize()));
  }

  @Override
  public Optional<FileSlice> slice(String name) {
    GgufTensor tensor = stored(name);
    return file == null
        ? Optional.empty()
        : Optional.of(file.slice(tensor.offset(), tensor.info().byteSize()));
  }

  private GgufTensor stored(String name) {
    GgufTensor tensor = header.tensors().get(name);
    if (tensor == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "There is no weight '" + name + "' among the " + tensors.size() + " of this file.");
    }
    return tensor;
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
    if (file != null) {
      file.close();
    }
  }
}
