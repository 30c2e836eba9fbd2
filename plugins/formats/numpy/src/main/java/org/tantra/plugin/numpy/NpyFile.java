package org.tantra.plugin.numpy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// An open `.npy` file: one tensor, which the file gives no name.
final class NpyFile implements WeightFile {
  /// What the tensor is called.
  static final String NAME = "array";

  private final MappedFile file;
  private final NpyHeader header;
  private final TensorInfo info;

  private NpyFile(MappedFile file) {
    MemorySegment bytes = file.bytes();
    long headBytes = Math.min(NpyHeader.MOST_BYTES, bytes.byteSize());
    byte[] head = bytes.asSlice(0, headBytes).toArray(ValueLayout.JAVA_BYTE);
    this.file = file;
    this.header = NpyHeader.parse(head, bytes.byteSize(), "'" + file.name() + "'");
    this.info = new TensorInfo(NAME, header.descr().dtype(), header.shape());
  }

  static NpyFile open(Path path) throws IOException {
    MappedFile file = MappedFile.open(path);
    try {
      return new NpyFile(file);
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  @Override
  public String formatVersion() {
    return header.version();
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
    return NpyArray.view(header, file.bytes().asSlice(header.dataOffset()), scratch);
  }

  @Override
  public Optional<FileSlice> slice(String name) {
    requireOwn(name);
    return NpyArray.isInOrder(header)
        ? Optional.of(file.slice(header.dataOffset(), info.byteSize()))
        : Optional.empty();
  }

  private void requireOwn(String name) {
    if (!name.equals(NAME)) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "'" + file.name() + "' has no weight '" + name + "'; its only one is '" + NAME + "'.");
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
