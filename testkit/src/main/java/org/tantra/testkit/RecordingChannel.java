package org.tantra.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// A channel that keeps what is written to it and can be slow or full. For one thread.
final class RecordingChannel implements WritableByteChannel {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final int mostAtATime;
  private final int room;
  private boolean open = true;

  private RecordingChannel(int mostAtATime, int room) {
    this.mostAtATime = mostAtATime;
    this.room = room;
  }

  static RecordingChannel fast() {
    return new RecordingChannel(Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /// Takes only so many bytes of each buffer, as channels may.
  static RecordingChannel slow(int mostAtATime) {
    return new RecordingChannel(mostAtATime, Integer.MAX_VALUE);
  }

  /// Throws once so many bytes have been written, like a full disk.
  static RecordingChannel failingAfter(int room) {
    return new RecordingChannel(Integer.MAX_VALUE, room);
  }

  byte[] bytes() {
    return written.toByteArray();
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    byte[] taken = new byte[Math.min(mostAtATime, source.remaining())];
    if (taken.length > room - written.size()) {
      throw new IOException("no space left");
    }
    source.get(taken);
    written.writeBytes(taken);
    return taken.length;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
