package org.tantra.plugin.numpy;

import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/// A whole file in memory, read-only, until it is closed. Safe to use from several threads.
final class MappedFile implements AutoCloseable {
  private final String name;
  private final Arena arena;
  private final MemorySegment bytes;

  private MappedFile(String name, Arena arena, MemorySegment bytes) {
    this.name = name;
    this.arena = arena;
    this.bytes = bytes;
  }

  static MappedFile of(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, READ)) {
      MemorySegment bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      return new MappedFile(String.valueOf(file.getFileName()), arena, bytes);
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /// The file's name without its folder.
  String name() {
    return name;
  }

  MemorySegment bytes() {
    return bytes;
  }

  /// Unmaps the file. Calling it again does nothing.
  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
