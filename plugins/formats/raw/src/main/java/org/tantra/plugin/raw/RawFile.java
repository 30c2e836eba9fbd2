package org.tantra.plugin.raw;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// An open file of one tensor: a view of the mapping if its numbers are little-endian or single
/// bytes, otherwise swapped into the caller's memory.
final class RawFile implements WeightFile {
  private final TensorInfo info;
  private final MappedFile file;
  private final boolean swapped;

  /// @param file exactly the bytes of the tensor; closed with this
  RawFile(TensorInfo info, MappedFile file, boolean bigEndian) {
    this.info = info;
    this.file = file;
    this.swapped = bigEndian && scalarBytes(info.dtype()) > 1 && info.byteSize() > 0;
  }

  @Override
  public String formatVersion() {
    return "";
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public List<TensorInfo> tensors() {
    return List.of(info);
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    requireOwn(name);
    MemorySegment numbers = file.bytes();
    if (!swapped) {
      return new TensorView(info.dtype(), info.shape(), numbers);
    }
    int size = scalarBytes(info.dtype());
    MemorySegment copy = scratch.allocate(info.byteSize(), 8);
    for (long at = 0; at < info.byteSize(); at += size) {
      for (int i = 0; i < size; i++) {
        byte bits = numbers.get(ValueLayout.JAVA_BYTE, at + size - 1 - i);
        copy.set(ValueLayout.JAVA_BYTE, at + i, bits);
      }
    }
    return new TensorView(info.dtype(), info.shape(), copy.asReadOnly());
  }

  @Override
  public Optional<FileSlice> slice(String name) {
    requireOwn(name);
    return swapped ? Optional.empty() : Optional.of(file.slice(0, info.byteSize()));
  }

  private void requireOwn(String name) {
    if (!name.equals(info.name())) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "There is no weight '" + name + "', the file holds only '" + info.name() + "'.");
    }
  }

  /// Bytes of what is swapped as one: an element, or half of a complex one.
  private static int scalarBytes(DType dtype) {
    return switch (dtype) {
      case C32, C64, C128 -> dtype.blockBytes() / 2;
      default -> dtype.blockBytes();
    };
  }

  @Override
  public void close() {
    file.close();
  }
}
