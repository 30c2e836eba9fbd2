package org.tantra.host.weights;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.AtomicFile;

/// Packs files for shipping with Zstandard, and unpacks them.
///
/// A packed file is one ordinary Zstandard frame, which any tool unpacks, and behind it a skippable
/// frame with the size and SHA-256 of what was packed. Unpacking believes neither blindly: it stops
/// at the first byte beyond the stated size, and the file gets its name only if both agree.
public final class WeightPacking {
  private static final int LEVEL = 9; // beyond it, weights shrink by less than a percent
  private static final int STEP_BYTES = 1 << 20;

  /// A skippable frame: magic number, length, then our 40 bytes.
  private static final int SKIPPABLE = 0x184d2a5e;

  private static final int STATED_BYTES = Long.BYTES + 32;
  private static final int TRAILER_BYTES = 8 + STATED_BYTES;

  /// A file packed or unpacked.
  ///
  /// @param bytes size of the plain file
  /// @param packedBytes size of the packed one
  /// @param sha256 of the plain file, in hex
  public record Packed(Path file, long bytes, long packedBytes, String sha256) {}

  /// Closing the frame must not close the file, in which the trailer follows.
  private static final class Unclosed extends OutputStream {
    private final OutputStream out;

    Unclosed(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      out.write(bytes, from, count);
    }
  }

  private record Stated(long bytes, String sha256) {}

  /// Packs a file into another, which is replaced whole if it is there.
  ///
  /// @throws TantraException `NOT_FOUND` if there is no such file; `INTERNAL` if reading or writing
  ///   fails; `CANCELLED`
  public Packed pack(Path from, Path to, Progress progress, Cancellation cancellation) {
    try {
      long size = size(from);
      progress.stage("packing");
      MessageDigest digest = sha256();
      long packed =
          AtomicFile.write(
              to,
              channel -> {
                OutputStream out = Channels.newOutputStream(channel);
                try (InputStream in = Files.newInputStream(from);
                    ZstdOutputStream zstd = new ZstdOutputStream(new Unclosed(out), LEVEL)) {
                  zstd.setChecksum(true);
                  copy(in, zstd, digest, size, size, progress, cancellation);
                }
                out.write(trailer(size, digest.digest()));
              });
      return new Packed(to, size, packed, stated(to).sha256());
    } catch (IOException e) {
      throw failed(from, to, e);
    }
  }

  /// Unpacks a file into another, which is replaced whole if it is there.
  ///
  /// @throws TantraException `NOT_FOUND` if there is no such file; `CORRUPT` if it is no packed
  ///   file, or does not hold what it says; `EXHAUSTED` if the disk has not the space; `CANCELLED`
  public Packed unpack(Path from, Path to, Progress progress, Cancellation cancellation) {
    try {
      long packed = size(from);
      Stated stated = stated(from);
      requireSpace(to, stated.bytes());
      progress.stage("unpacking");
      MessageDigest digest = sha256();
      AtomicFile.write(
          to,
          channel -> {
            OutputStream out = Channels.newOutputStream(channel);
            try (InputStream in = Files.newInputStream(from);
                ZstdInputStream zstd = new ZstdInputStream(in)) {
              copy(zstd, out, digest, stated.bytes(), stated.bytes(), progress, cancellation);
            } catch (EOFException e) {
              throw corrupt(from, "ends in the middle", e);
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(stated.sha256())) {
              throw corrupt(from, "unpacks to other bytes than were packed (SHA-256)", null);
            }
          });
      return new Packed(to, stated.bytes(), packed, stated.sha256());
    } catch (ZstdIOException e) {
      throw corrupt(from, "is damaged: " + e.getMessage(), e);
    } catch (IOException e) {
      throw failed(from, to, e);
    }
  }

  /// Copies exactly `expected` bytes, and makes sure that there are no more.
  private static void copy(
      InputStream in,
      OutputStream out,
      MessageDigest digest,
      long expected,
      long total,
      Progress progress,
      Cancellation cancellation)
      throws IOException {
    byte[] step = new byte[STEP_BYTES];
    long done = 0;
    for (int count = in.read(step); count >= 0; count = in.read(step)) {
      cancellation.check();
      done += count;
      if (done > expected) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "There are more than the %d bytes that were stated; nothing was kept."
                .formatted(expected));
      }
      digest.update(step, 0, count);
      out.write(step, 0, count);
      progress.advance(done, total);
    }
    if (done < expected) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "There are %d bytes where %d were stated; nothing was kept.".formatted(done, expected));
    }
  }

  private static byte[] trailer(long size, byte[] sha256) {
    return ByteBuffer.allocate(TRAILER_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(SKIPPABLE)
        .putInt(STATED_BYTES)
        .putLong(size)
        .put(sha256)
        .array();
  }

  private static Stated stated(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(TRAILER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      long at = channel.size() - TRAILER_BYTES;
      while (at >= 0 && bytes.hasRemaining()) {
        if (channel.read(bytes, at + bytes.position()) < 0) {
          break;
        }
      }
      bytes.flip();
      if (bytes.remaining() == TRAILER_BYTES
          && bytes.getInt() == SKIPPABLE
          && bytes.getInt() == STATED_BYTES) {
        long size = bytes.getLong();
        byte[] sha256 = new byte[32];
        bytes.get(sha256);
        if (size >= 0) {
          return new Stated(size, HexFormat.of().formatHex(sha256));
        }
      }
    }
    throw corrupt(
        file, "does not end as 'weights pack' ends its files; other tools may unpack it", null);
  }

  private static void requireSpace(Path to, long bytes) throws IOException {
    Path folder = to.toAbsolutePath().getParent();
    long usable =
        folder == null || !Files.isDirectory(folder)
            ? Long.MAX_VALUE
            : Files.getFileStore(folder).getUsableSpace();
    if (bytes > usable) {
      throw new TantraException(
          ErrorKind.EXHAUSTED,
          "'%s' will take %d bytes, the disk has %d left. Free some space or write elsewhere."
              .formatted(to.getFileName(), bytes, usable));
    }
  }

  private static long size(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no file '" + file + "'.");
    }
    return Files.size(file);
  }

  private static TantraException corrupt(Path file, String how, @Nullable Exception cause) {
    return new TantraException(
        ErrorKind.CORRUPT,
        "'%s' %s. Nothing was kept. Fetch it again.".formatted(file.getFileName(), how),
        cause);
  }

  private static TantraException failed(Path from, Path to, IOException e) {
    return new TantraException(
        ErrorKind.INTERNAL,
        "'%s' cannot be read or '%s' not written: %s.".formatted(from, to, e),
        e);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
