package org.tantra.api;

import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/// A whole file in memory, read-only, until it is closed: what most weight formats open. Safe to
/// use from several threads.
public final class MappedFile implements AutoCloseable {
  private final String name;
  private final FileChannel channel;
  private final Arena arena;
  private final MemorySegment bytes;

  private MappedFile(String name, FileChannel channel, Arena arena, MemorySegment bytes) {
    this.name = name;
    this.channel = channel;
    this.arena = arena;
    this.bytes = bytes;
  }

  /// Maps a file; nothing of it is read yet.
  ///
  /// @throws IOException if it cannot be opened
  public static MappedFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, READ);
    Arena arena = Arena.ofShared();
    try {
      MemorySegment bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      return new MappedFile(String.valueOf(file.getFileName()), channel, arena, bytes);
    } catch (IOException | RuntimeException | Error e) {
      try (channel) {
        arena.close();
      }
      throw e;
    }
  }

  /// The file's name without its folder, for messages.
  public String name() {
    return name;
  }

  /// All bytes; using them after closing throws.
  public MemorySegment bytes() {
    return bytes;
  }

  /// Memory that lives as long as the mapping, for what is unpacked once.
  public SegmentAllocator allocator() {
    return arena;
  }

  /// A piece of the file, to be read without the mapping.
  public FileSlice slice(long offset, long length) {
    return new FileSlice(channel, 0, bytes.byteSize()).slice(offset, length);
  }

  /// Unmaps and closes the file. Calling it again does nothing.
  @Override
  public synchronized void close() {
    if (!arena.scope().isAlive()) {
      return;
    }
    arena.close();
    try {
      channel.close();
    } catch (IOException _) {
      // Of a file that was only read nothing is lost.
    }
  }
}
