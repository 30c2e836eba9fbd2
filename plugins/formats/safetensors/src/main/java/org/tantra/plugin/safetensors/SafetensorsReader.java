package org.tantra.plugin.safetensors;

import static java.nio.file.StandardOpenOption.READ;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// An open file: its header on the heap, its bytes mapped. Every tensor is a view of the mapping.
final class SafetensorsReader implements WeightFile {
  private final String fileName;
  private final Map<String, String> metadata;
  private final List<TensorInfo> tensors;
  private final Map<String, SafetensorsHeader.Entry> entries;
  private final Arena arena;
  private final MemorySegment data;

  private SafetensorsReader(
      String fileName, SafetensorsHeader header, Arena arena, MemorySegment data) {
    this.fileName = fileName;
    this.metadata = header.metadata();
    this.tensors = header.entries().stream().map(SafetensorsHeader.Entry::info).toList();
    this.entries = HashMap.newHashMap(tensors.size());
    header.entries().forEach(entry -> entries.put(entry.info().name(), entry));
    this.arena = arena;
    this.data = data;
  }

  /// @throws TantraException `CORRUPT` if the file breaks a rule of the format
  /// @throws IOException if it cannot be read
  static SafetensorsReader open(Path file) throws IOException {
    String fileName = String.valueOf(file.getFileName());
    try (FileChannel channel = FileChannel.open(file, READ)) {
      long fileBytes = channel.size();
      Refusal refusal = new Refusal(fileName);
      int headerBytes = headerBytes(channel, fileBytes, refusal);
      long dataStart = SafetensorsHeader.LENGTH_BYTES + (long) headerBytes;
      byte[] json = read(channel, SafetensorsHeader.LENGTH_BYTES, headerBytes).array();
      SafetensorsHeader header = SafetensorsHeader.parse(json, fileBytes - dataStart, refusal);
      return map(channel, fileName, header, dataStart, fileBytes - dataStart);
    }
  }

  private static int headerBytes(FileChannel channel, long fileBytes, Refusal refusal)
      throws IOException {
    if (fileBytes < SafetensorsHeader.LENGTH_BYTES) {
      throw refusal.cutShort("a header length takes 8 bytes, the file has " + fileBytes + ".");
    }
    long length =
        read(channel, 0, SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    if (Long.compareUnsigned(length, SafetensorsHeader.MAXIMUM_BYTES) > 0) {
      throw refusal.corrupt(
          "bytes 0 to 7 give the header "
              + Long.toUnsignedString(length)
              + " bytes, the format allows "
              + SafetensorsHeader.MAXIMUM_BYTES
              + ".");
    }
    if (length > fileBytes - SafetensorsHeader.LENGTH_BYTES) {
      throw refusal.cutShort(
          "its header takes "
              + length
              + " bytes, the file has "
              + (fileBytes - SafetensorsHeader.LENGTH_BYTES)
              + " after the header length.");
    }
    return (int) length;
  }

  private static SafetensorsReader map(
      FileChannel channel, String fileName, SafetensorsHeader header, long start, long bytes)
      throws IOException {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment data = channel.map(MapMode.READ_ONLY, start, bytes, arena);
      return new SafetensorsReader(fileName, header, arena, data);
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static ByteBuffer read(FileChannel channel, long offset, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return buffer;
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
    SafetensorsHeader.Entry entry = entries.get(name);
    if (entry == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "'" + fileName + "' has no weight '" + name + "'; it has " + entries.size() + " others.");
    }
    MemorySegment memory = data.asSlice(entry.begin(), entry.end() - entry.begin());
    return new TensorView(entry.info().dtype(), entry.info().shape(), memory);
  }

  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
