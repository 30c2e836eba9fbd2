package org.tantra.host.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.LongConsumer;
import org.tantra.api.FileSlice;

/// A channel onto a file that is made as fast as the system lets it, and tells now and then how
/// many bytes there are by now. For one thread.
///
/// Pieces of other files are copied by the system, from cache to cache. Small writes are gathered.
/// So is mapped memory: a system call that writes from pages which are not mapped yet stops at each
/// of them, and copying them to resident memory first costs less than that.
final class WatchedChannel implements FileSlice.Receiver {
  /// Few enough to stay in the processor's cache, and for the page cache to find room for at once:
  /// Linux spends three times as long on a new file that comes in steps of 256 KiB.
  private static final int STEP_BYTES = 64 << 10;

  /// Copied by the system before it is asked again whether to go on.
  private static final long COPY_BYTES = 16L << 20;

  private final FileChannel channel;
  private final LongConsumer watcher;
  private final ByteBuffer step = ByteBuffer.allocateDirect(STEP_BYTES);
  private long written;

  WatchedChannel(FileChannel channel, LongConsumer watcher) {
    this.channel = channel;
    this.watcher = watcher;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    if (count >= STEP_BYTES && bytes.isDirect() && !MemorySegment.ofBuffer(bytes).isMapped()) {
      flush();
      writeFully(bytes);
      return count;
    }
    while (bytes.hasRemaining()) {
      int length = Math.min(step.remaining(), bytes.remaining());
      step.put(step.position(), bytes, bytes.position(), length);
      step.position(step.position() + length);
      bytes.position(bytes.position() + length);
      if (!step.hasRemaining()) {
        flush();
      }
    }
    return count;
  }

  @Override
  public void write(FileSlice slice) throws IOException {
    long at = 0;
    if (slice.bytes() >= STEP_BYTES) {
      flush();
      long copied = 1;
      // Nothing copied: the slice has ended, or the system cannot.
      while (at < slice.bytes() && copied > 0) {
        long count = Math.min(COPY_BYTES, slice.bytes() - at);
        copied = slice.channel().transferTo(slice.offset() + at, count, channel);
        at += copied;
        advance(copied);
      }
    }
    while (at < slice.bytes()) {
      int count = (int) Math.min(step.remaining(), slice.bytes() - at);
      int end = step.limit();
      step.limit(step.position() + count);
      slice.read(at, step);
      step.limit(end);
      at += count;
      if (!step.hasRemaining()) {
        flush();
      }
    }
  }

  /// Writes what has been gathered.
  void flush() throws IOException {
    step.flip();
    writeFully(step);
    step.clear();
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      advance(channel.write(bytes));
    }
  }

  private void advance(long count) {
    written += count;
    watcher.accept(written);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    flush();
    channel.close();
  }
}
