package org.tantra.host.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.tantra.api.FileSlice;
import org.tantra.api.WeightSource;

/// Finds the first byte at which a tensor of two state dicts differs. Bytes that lie in files are
/// read from there, a few at a time, and not by way of their mapping. For one thread.
final class ByteComparison implements AutoCloseable {
  private static final int STEP_BYTES = 64 << 10;

  private final Arena arena = Arena.ofConfined();
  private final ByteBuffer first = arena.allocate(STEP_BYTES).asByteBuffer();
  private final ByteBuffer second = arena.allocate(STEP_BYTES).asByteBuffer();

  /// A tensor's bytes: in a file, or in memory.
  private sealed interface Bytes {
    record InFile(FileSlice slice) implements Bytes {}

    record InMemory(MemorySegment memory) implements Bytes {}

    static Bytes of(WeightSource source, String name, Arena scratch) throws IOException {
      Optional<FileSlice> slice = source.slice(name);
      return slice.isPresent()
          ? new InFile(slice.get())
          : new InMemory(source.tensor(name, scratch).memory());
    }

    default long size() {
      return switch (this) {
        case InFile(var slice) -> slice.bytes();
        case InMemory(var memory) -> memory.byteSize();
      };
    }

    /// Some of them, in `buffer` if they have to be read.
    default MemorySegment part(long at, int length, ByteBuffer buffer) throws IOException {
      return switch (this) {
        case InFile(var slice) -> {
          slice.read(at, buffer.clear().limit(length));
          yield MemorySegment.ofBuffer(buffer.flip());
        }
        case InMemory(var memory) -> memory.asSlice(at, length);
      };
    }
  }

  /// The first byte that differs, or the size of the shorter if it ends before; -1 if they are
  /// equal.
  long mismatch(WeightSource one, WeightSource two, String name) throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      Bytes a = Bytes.of(one, name, scratch);
      Bytes b = Bytes.of(two, name, scratch);
      long size = Math.min(a.size(), b.size());
      for (long at = 0; at < size; at += STEP_BYTES) {
        int length = (int) Math.min(STEP_BYTES, size - at);
        long differs = a.part(at, length, first).mismatch(b.part(at, length, second));
        if (differs >= 0) {
          return at + differs;
        }
      }
      return a.size() == b.size() ? -1 : size;
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
