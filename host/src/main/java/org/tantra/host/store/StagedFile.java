package org.tantra.host.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.concurrent.AtomicFile;

/// A complete, synced file under a name that nobody looks at, waiting for its place. Closing it
/// without [#moveTo] deletes it.
final class StagedFile implements AutoCloseable {
  private final Path path;

  private StagedFile(Path path) {
    this.path = path;
  }

  /// An empty place in a folder, which is made as needed.
  static StagedFile in(Path folder, String name) throws IOException {
    Files.createDirectories(folder);
    String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
    return new StagedFile(folder.resolve("." + name + "." + unique + ".tmp"));
  }

  /// Whether a file was left by a staging that never ended.
  static boolean isLeftover(String fileName) {
    return fileName.startsWith(".") && fileName.endsWith(".tmp");
  }

  Path path() {
    return path;
  }

  /// Fills it with another file's bytes.
  Checksums copy(Path from, Progress progress, Cancellation cancellation) throws IOException {
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      Checksums sums = Checksums.copy(from, channel, progress, cancellation);
      channel.force(true);
      return sums;
    }
  }

  /// Makes it another name of a file that is there already.
  ///
  /// @return false if the file system has no such links
  boolean link(Path existing) throws IOException {
    try {
      Files.createLink(path, existing);
      return true;
    } catch (UnsupportedOperationException | FileSystemException _) {
      return false;
    }
  }

  /// Gives it its name, replacing what has it.
  void moveTo(Path target) throws IOException {
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path folder = target.toAbsolutePath().getParent();
    if (folder != null) {
      AtomicFile.syncFolder(folder);
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
  }
}
