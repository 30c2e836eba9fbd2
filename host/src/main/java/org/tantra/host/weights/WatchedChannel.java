package org.tantra.host.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.LongConsumer;

/// A channel that gathers what it is given into large writes, and tells after each of them how many
/// bytes there are by now. For one thread.
///
/// Tensors come as mapped memory, and a system call that writes from pages which are not mapped yet
/// stops at each of them. Copying them to resident memory first costs less than that.
final class WatchedChannel implements WritableByteChannel {
  private static final int STEP_BYTES = 4 << 20;

  private final WritableByteChannel channel;
  private final LongConsumer watcher;
  private final ByteBuffer step = ByteBuffer.allocateDirect(STEP_BYTES);
  private long written;

  WatchedChannel(WritableByteChannel channel, LongConsumer watcher) {
    this.channel = channel;
    this.watcher = watcher;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
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

  /// Writes what has been gathered.
  void flush() throws IOException {
    step.flip();
    while (step.hasRemaining()) {
      written += channel.write(step);
    }
    step.clear();
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
