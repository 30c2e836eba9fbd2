package org.tantra.host.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.LongConsumer;

/// A channel that tells after each write how many bytes there are by now. For one thread.
final class WatchedChannel implements WritableByteChannel {
  private final WritableByteChannel channel;
  private final LongConsumer watcher;
  private long written;

  WatchedChannel(WritableByteChannel channel, LongConsumer watcher) {
    this.channel = channel;
    this.watcher = watcher;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = channel.write(bytes);
    written += count;
    watcher.accept(written);
    return count;
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
