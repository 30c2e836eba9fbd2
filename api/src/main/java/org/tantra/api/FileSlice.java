package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/// A piece of an open file.
///
/// Whoever only passes bytes on reads them from here rather than through a mapping: a page of a
/// mapping has to be found once for each opening, which on virtual machines takes longer than
/// copying it.
///
/// @param channel open for reading until the file it belongs to is closed; nobody moves its
///   position
/// @param offset of the first byte in the file
public record FileSlice(FileChannel channel, long offset, long bytes) {
  /// Bytes read and written at once: few enough to be in the processor's cache when they are looked
  /// at, and for the page cache to find room for in one piece.
  static final int STEP_BYTES = 64 << 10;

  public FileSlice {
    requireNonNull(channel, "channel");
    if (offset < 0 || bytes < 0) {
      throw new IllegalArgumentException("negative offset or size: " + offset + ", " + bytes);
    }
  }

  /// A channel that takes pieces of files without their passing through the program.
  public interface Receiver extends WritableByteChannel {
    /// Writes all bytes of a slice.
    void write(FileSlice slice) throws IOException;
  }

  /// A piece of this piece.
  public FileSlice slice(long from, long length) {
    if (from < 0 || length < 0 || from > bytes - length) {
      throw new IndexOutOfBoundsException(from + " and " + length + " bytes of " + bytes);
    }
    return new FileSlice(channel, offset + from, length);
  }

  /// Fills a buffer with the bytes from `at` on.
  ///
  /// @throws EOFException if the slice or the file ends before
  public void read(long at, ByteBuffer into) throws IOException {
    if (at < 0 || into.remaining() > bytes - at) {
      throw new EOFException("byte " + at + " and " + into.remaining() + " more of " + bytes);
    }
    long from = offset + at - into.position();
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
  }

  /// Writes all bytes to a channel.
  ///
  /// @return how many
  public long copyTo(WritableByteChannel to) throws IOException {
    if (to instanceof Receiver receiver) {
      receiver.write(this);
      return bytes;
    }
    try (Arena scratch = Arena.ofConfined()) {
      ByteBuffer step = scratch.allocate(Math.min(STEP_BYTES, bytes)).asByteBuffer();
      for (long at = 0; at < bytes; at += step.limit()) {
        step.clear().limit((int) Math.min(step.capacity(), bytes - at));
        read(at, step);
        step.flip();
        while (step.hasRemaining()) {
          to.write(step);
        }
      }
    }
    return bytes;
  }
}
