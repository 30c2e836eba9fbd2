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

  /// Writes what a large file shall hold.
  public interface LargeContent {
    /// @param sync told how far writing is, it lets the disk begin early
    void writeTo(FileChannel channel, BackgroundSync sync) throws IOException;
  }

  /// Looks at a file before it gets its name; throws if it shall not.
  public interface Check {
    void accept(Path beside) throws IOException;
  }

  /// Writes `content` to `file`, making its folder as needed.
  public static void write(Path file, byte[] content) throws IOException {
    write(file, channel -> fill(channel, content));
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
  /// @return its size in bytes
  public static long write(Path file, Content content) throws IOException {
    return write(file, content, _ -> {});
  }

  /// Writes a file of any size, making its folder as needed; `check` runs once it is on the disk.
  ///
  /// @return its size in bytes
  public static long write(Path file, Content content, Check check) throws IOException {
    return put(
        file,
        true,
        (channel, beside) -> {
          content.writeTo(channel);
          channel.force(true);
          check.accept(beside);
        });
  }

  /// Writes a large file, making its folder as needed; `check` runs while it is synced.
  ///
  /// @param durable whether to wait for the disk; without, a power cut may leave an empty file
  /// @return its size in bytes
  public static long writeLarge(Path file, boolean durable, LargeContent content, Check check)
      throws IOException {
    return put(
        file,
        durable,
        (channel, beside) -> {
          try (BackgroundSync sync = new BackgroundSync(channel, durable)) {
            content.writeTo(channel, sync);
            sync.begin();
            check.accept(beside);
          }
        });
  }

  /// Makes the file beside, ready to get its name.
  private interface Making {
    void run(FileChannel channel, Path beside) throws IOException;
  }

  private static long put(Path file, boolean durable, Making making) throws IOException {
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
        making.run(channel, beside);
      }
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
