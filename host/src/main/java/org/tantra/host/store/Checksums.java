package org.tantra.host.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;

/// The checksums of a file, read once from end to end.
///
/// @param md5 in hex, as the earlier system recorded it
/// @param sha256 in hex
/// @param bytes size of the file
record Checksums(String md5, String sha256, long bytes) {
  private static final int STEP_BYTES = 1 << 20;

  /// Is handed each step of a file.
  private interface Sink {
    void accept(byte[] step, int length) throws IOException;
  }

  static Checksums of(Path file, Progress progress, Cancellation cancellation) throws IOException {
    MessageDigest md5 = digest("MD5");
    MessageDigest sha256 = digest("SHA-256");
    long bytes =
        read(
            file,
            progress,
            cancellation,
            (step, length) -> {
              md5.update(step, 0, length);
              sha256.update(step, 0, length);
            });
    return new Checksums(hex(md5), hex(sha256), bytes);
  }

  /// Copies a file and computes its checksums on the way.
  static Checksums copy(Path from, FileChannel to, Progress progress, Cancellation cancellation)
      throws IOException {
    MessageDigest md5 = digest("MD5");
    MessageDigest sha256 = digest("SHA-256");
    long bytes =
        read(
            from,
            progress,
            cancellation,
            (step, length) -> {
              md5.update(step, 0, length);
              sha256.update(step, 0, length);
              ByteBuffer buffer = ByteBuffer.wrap(step, 0, length);
              while (buffer.hasRemaining()) {
                to.write(buffer);
              }
            });
    return new Checksums(hex(md5), hex(sha256), bytes);
  }

  /// One checksum alone, in hex; at the speed of the algorithm or the disk.
  ///
  /// @param algorithm `MD5` or `SHA-256`
  static String of(Path file, String algorithm, Progress progress, Cancellation cancellation)
      throws IOException {
    MessageDigest digest = digest(algorithm);
    read(file, progress, cancellation, (step, length) -> digest.update(step, 0, length));
    return hex(digest);
  }

  private static long read(Path file, Progress progress, Cancellation cancellation, Sink sink)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer step = ByteBuffer.allocate(STEP_BYTES);
      long size = channel.size();
      long done = 0;
      int length = channel.read(step);
      while (length >= 0) {
        cancellation.check();
        sink.accept(step.array(), length);
        done += length;
        progress.advance(done, size);
        step.clear();
        length = channel.read(step);
      }
      return done;
    }
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
