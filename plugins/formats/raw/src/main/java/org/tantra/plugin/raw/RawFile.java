package org.tantra.plugin.raw;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// An open file of one tensor: a view of the mapping if its numbers are little-endian or single
/// bytes, otherwise swapped into the caller's memory.
final class RawFile implements WeightFile {
  private final TensorInfo info;
  private final MemorySegment numbers;
  private final boolean bigEndian;
  private final Arena arena;

  /// @param numbers exactly the bytes of the tensor
  /// @param arena holds the mapped file; closed with this
  RawFile(TensorInfo info, MemorySegment numbers, boolean bigEndian, Arena arena) {
    this.info = info;
    this.numbers = numbers;
    this.bigEndian = bigEndian;
    this.arena = arena;
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
    if (!name.equals(info.name())) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "There is no weight '" + name + "', the file holds only '" + info.name() + "'.");
    }
    int size = scalarBytes(info.dtype());
    if (!bigEndian || size == 1 || info.byteSize() == 0) {
      return new TensorView(info.dtype(), info.shape(), numbers);
    }
    MemorySegment swapped = scratch.allocate(info.byteSize(), 8);
    for (long at = 0; at < info.byteSize(); at += size) {
      for (int i = 0; i < size; i++) {
        byte bits = numbers.get(ValueLayout.JAVA_BYTE, at + size - 1 - i);
        swapped.set(ValueLayout.JAVA_BYTE, at + i, bits);
      }
    }
    return new TensorView(info.dtype(), info.shape(), swapped.asReadOnly());
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
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
