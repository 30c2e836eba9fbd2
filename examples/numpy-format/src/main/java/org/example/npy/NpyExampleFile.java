package org.example.npy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// An open file: the header read, the numbers mapped and not touched.
final class NpyExampleFile implements WeightFile {
  private static final int STEP_BYTES = 1 << 20;

  private final String name;
  private final TensorInfo array;
  private final MemorySegment numbers;
  private final Arena arena;

  private NpyExampleFile(String name, Arena arena, MemorySegment bytes) {
    this.name = name;
    this.arena = arena;
    require(bytes, 0, NpyHeader.START_BYTES);
    for (int i = 0; i < NpyHeader.MAGIC.length; i++) {
      if (at(bytes, i) != NpyHeader.MAGIC[i]) {
        throw new TantraException(
            ErrorKind.CORRUPT, "'" + name + "' has no NumPy magic at byte " + i + ".");
      }
    }
    if (at(bytes, 6) != 1 || at(bytes, 7) != 0) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "'%s' has format version %d.%d; 1.0 is read. Save it again with a newer NumPy."
              .formatted(name, at(bytes, 6), at(bytes, 7)));
    }
    int length = at(bytes, 8) | at(bytes, 9) << 8;
    require(bytes, NpyHeader.START_BYTES, length);
    byte[] text = bytes.asSlice(NpyHeader.START_BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    this.array = NpyHeader.parse(new String(text, StandardCharsets.ISO_8859_1), name);
    long start = NpyHeader.START_BYTES + (long) length;
    require(bytes, start, array.byteSize());
    this.numbers = bytes.asSlice(start);
    if (numbers.byteSize() > array.byteSize()) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "'%s' goes on behind its numbers, which end at byte %d."
              .formatted(name, start + array.byteSize()));
    }
  }

  static NpyExampleFile open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      return new NpyExampleFile(String.valueOf(file.getFileName()), arena, bytes);
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static int at(MemorySegment bytes, long offset) {
    return bytes.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
  }

  /// Compares what the file claims with what is there, before anything is read or set aside.
  private void require(MemorySegment bytes, long from, long count) {
    if (count > bytes.byteSize() - from) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "'%s' is cut short: %d bytes are expected from byte %d, it has %d. Fetch it again."
              .formatted(name, count, from, Math.max(0, bytes.byteSize() - from)));
    }
  }

  @Override
  public String formatVersion() {
    return "1.0";
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public List<TensorInfo> tensors() {
    return List.of(array);
  }

  @Override
  public TensorView tensor(String wanted, SegmentAllocator scratch) {
    if (!wanted.equals(array.name())) {
      throw new TantraException(
          ErrorKind.NOT_FOUND, "'" + name + "' has no weight '" + wanted + "', only 'array'.");
    }
    return new TensorView(array.dtype(), array.shape(), numbers);
  }

  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  /// Takes some bytes of a tensor.
  interface Step {
    void accept(ByteBuffer bytes) throws IOException;
  }

  /// Hands on the bytes of a source's tensor, a few at a time.
  static void forEachStep(WeightSource source, TensorInfo tensor, Step step) throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment memory = source.tensor(tensor.name(), scratch).memory();
      for (long at = 0; at < memory.byteSize(); at += STEP_BYTES) {
        MemorySegment part = memory.asSlice(at, Math.min(STEP_BYTES, memory.byteSize() - at));
        // Memory on the heap, a float[] say, need not have a buffer of bytes.
        step.accept(
            part.isNative()
                ? part.asByteBuffer()
                : ByteBuffer.wrap(part.toArray(ValueLayout.JAVA_BYTE)));
      }
    }
  }
}
