package org.tantra.plugin.safetensors;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
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

/// An open file: its header on the heap, its bytes mapped. Every tensor is a view of the mapping.
final class SafetensorsReader implements WeightFile {
  private final MappedFile file;
  private final Map<String, String> metadata;
  private final List<TensorInfo> tensors;
  private final Map<String, SafetensorsHeader.Entry> entries;
  private final long dataStart;

  private SafetensorsReader(MappedFile file) {
    Refusal refusal = new Refusal(file.name());
    int headerBytes = headerBytes(file.bytes(), refusal);
    this.file = file;
    this.dataStart = SafetensorsHeader.LENGTH_BYTES + (long) headerBytes;
    byte[] json =
        file.bytes()
            .asSlice(SafetensorsHeader.LENGTH_BYTES, headerBytes)
            .toArray(ValueLayout.JAVA_BYTE);
    SafetensorsHeader header =
        SafetensorsHeader.parse(json, file.bytes().byteSize() - dataStart, refusal);
    this.metadata = header.metadata();
    this.tensors = header.entries().stream().map(SafetensorsHeader.Entry::info).toList();
    this.entries = HashMap.newHashMap(tensors.size());
    header.entries().forEach(entry -> entries.put(entry.info().name(), entry));
  }

  /// @throws TantraException `CORRUPT` if the file breaks a rule of the format
  /// @throws IOException if it cannot be read
  static SafetensorsReader open(Path path) throws IOException {
    MappedFile file = MappedFile.open(path);
    try {
      return new SafetensorsReader(file);
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static int headerBytes(MemorySegment file, Refusal refusal) {
    if (file.byteSize() < SafetensorsHeader.LENGTH_BYTES) {
      throw refusal.cutShort(
          "a header length takes 8 bytes, the file has " + file.byteSize() + ".");
    }
    long length = file.get(TensorView.I64, 0);
    if (Long.compareUnsigned(length, SafetensorsHeader.MAXIMUM_BYTES) > 0) {
      throw refusal.headerTooLarge(length);
    }
    long left = file.byteSize() - SafetensorsHeader.LENGTH_BYTES;
    if (length > left) {
      throw refusal.cutShort(
          "its header takes "
              + length
              + " bytes, the file has "
              + left
              + " after the header length.");
    }
    return (int) length;
  }

  @Override
  public String formatVersion() {
    return "";
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Optional<TensorInfo> info(String name) {
    return Optional.ofNullable(entries.get(name)).map(SafetensorsHeader.Entry::info);
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    SafetensorsHeader.Entry entry = entry(name);
    MemorySegment memory =
        file.bytes().asSlice(dataStart + entry.begin(), entry.end() - entry.begin());
    return new TensorView(entry.info().dtype(), entry.info().shape(), memory);
  }

  @Override
  public Optional<FileSlice> slice(String name) {
    SafetensorsHeader.Entry entry = entry(name);
    return Optional.of(file.slice(dataStart + entry.begin(), entry.end() - entry.begin()));
  }

  private SafetensorsHeader.Entry entry(String name) {
    SafetensorsHeader.Entry entry = entries.get(name);
    if (entry == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "'%s' has no weight '%s'; it has %d others."
              .formatted(file.name(), name, entries.size()));
    }
    return entry;
  }

  @Override
  public void close() {
    file.close();
  }
}
