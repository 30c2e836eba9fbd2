package org.tantra.host.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;
import org.tantra.api.FileSlice;
import org.tantra.api.WeightSource;

/// Compares what is written to it with a tensor elsewhere, whose bytes are read from their file
/// where they lie in one, a few at a time. For one thread.
final class ComparingChannel implements WritableByteChannel {
  private static final int STEP_BYTES = 64 << 10;

  private final Arena arena = Arena.ofConfined();
  private final Optional<FileSlice> slice;
  private final MemorySegment memory;
  private final ByteBuffer step = arena.allocate(STEP_BYTES).asByteBuffer();
  private final long size;
  private long position;
  private long mismatch = -1;

  /// @param name of a tensor that `expected` has
  ComparingChannel(WeightSource expected, String name) throws IOException {
    try {
      this.slice = expected.slice(name);
      this.memory = slice.isPresent() ? MemorySegment.NULL : expected.tensor(name, arena).memory();
      this.size = slice.map(FileSlice::bytes).orElse(memory.byteSize());
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    while (bytes.hasRemaining() && mismatch < 0) {
      int length = (int) Math.min(Math.min(STEP_BYTES, bytes.remaining()), size - position);
      if (length == 0) {
        mismatch = position; // there is more than expected
        break;
      }
      long differs = expected(length).mismatch(MemorySegment.ofBuffer(bytes).asSlice(0, length));
      mismatch = differs < 0 ? -1 : position + differs;
      position += length;
      bytes.position(bytes.position() + length);
    }
    bytes.position(bytes.limit());
    return count;
  }

  private MemorySegment expected(int length) throws IOException {
    if (slice.isEmpty()) {
      return memory.asSlice(position, length);
    }
    slice.get().read(position, step.clear().limit(length));
    return MemorySegment.ofBuffer(step.flip());
  }

  /// The first byte that differs, counting one that is too many or missing; -1 if none does.
  long mismatch() {
    return mismatch < 0 && position < size ? position : mismatch;
  }

  @Override
  public boolean isOpen() {
    return arena.scope().isAlive();
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
