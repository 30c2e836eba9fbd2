package org.tantra.plugin.pytorch.zip;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// Sums up what passes, on the way to another channel or to nowhere. For one thread.
public final class SummingChannel implements WritableByteChannel {
  private final CRC32 crc = new CRC32();
  private long bytes;
  private final @Nullable WritableByteChannel to;

  /// Only sums up.
  public SummingChannel() {
    this.to = null;
  }

  public SummingChannel(WritableByteChannel to) {
    this.to = to;
  }

  /// Of the bytes so far.
  public int crc32() {
    return (int) crc.getValue();
  }

  /// How many there were so far.
  public long bytes() {
    return bytes;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int begin = source.position();
    if (to == null) {
      source.position(source.limit());
    } else {
      to.write(source);
    }
    int count = source.position() - begin;
    crc.update(source.slice(begin, count));
    bytes += count;
    return count;
  }

  @Override
  public boolean isOpen() {
    return to == null || to.isOpen();
  }

  /// Leaves the other channel open.
  @Override
  public void close() {}
}
