package org.tantra.host.concurrent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/// Replaces files whole: written beside, synced, renamed. A crash leaves the old file or the new
/// one.
public final class AtomicFile {
  private AtomicFile() {}

  /// Writes what a file shall hold.
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /// Looks at a file before it gets its name; throws if it shall not.
  public interface Check {
    void accept(Path beside) throws IOException;
  }

  /// Writes `content` to `file`, making its folder as needed.
  public static void write(Path file, byte[] content) throws IOException {
    write(file, true, channel -> fill(channel, content), _ -> {});
  }

  /// Writes all of `content` to a channel.
  public static void fill(FileChannel channel, byte[] content) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(content);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /// Writes a file of any size, making its folder as needed.
  ///
  /// @param durable whether to wait for the disk; without, a power cut may leave an empty file
  /// @return its size in bytes
  public static long write(Path file, boolean durable, Content content, Check check)
      throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is no file");
    }
    Files.createDirectories(folder);
    Path beside =
        folder.resolve(
            "."
                + file.getFileName()
                + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong())
                + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        if (durable) {
          channel.force(true);
        }
      }
      check.accept(beside);
      long bytes = Files.size(beside);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      if (durable) {
        syncFolder(folder);
      }
      return bytes;
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /// Makes a rename within a folder survive a power cut, where the system lets folders be synced.
  public static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException _) {
      // Windows cannot open folders; its renames are journalled anyway.
    }
  }
}
