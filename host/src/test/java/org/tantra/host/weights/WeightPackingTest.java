package org.tantra.host.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;

/// Files packed for shipping.
final class WeightPackingTest {
  @TempDir Path folder;
  private final WeightPacking packing = new WeightPacking();

  private Path packed(byte[] content) throws IOException {
    Path plain = folder.resolve("w.bin");
    Files.write(plain, content);
    Path packed = folder.resolve("w.bin.zst");
    packing.pack(plain, packed, Progress.NONE, Cancellation.NEVER);
    return packed;
  }

  private byte[] unpacked(Path packed) throws IOException {
    Path out = folder.resolve("out.bin");
    packing.unpack(packed, out, Progress.NONE, Cancellation.NEVER);
    return Files.readAllBytes(out);
  }

  @Test
  void whatWasPackedComesBack() throws IOException {
    for (int size : List.of(0, 1, 1000, 3_000_001)) {
      byte[] content = new byte[size];
      new Random(size).nextBytes(content);
      assertArrayEquals(content, unpacked(packed(content)), "size " + size);
    }
  }

  @Test
  void anyZstandardToolReadsIt() throws IOException {
    byte[] content = new byte[100_000];
    Path packed = packed(content);

    try (InputStream in = new ZstdInputStream(Files.newInputStream(packed))) {
      assertArrayEquals(content, in.readAllBytes());
    }
    assertTrue(Files.size(packed) < 1000);
  }

  @Test
  void damageAnywhereIsNoticedAndLeavesNothing() throws IOException {
    byte[] content = new byte[20_000];
    new Random(5).nextBytes(content);
    byte[] bytes = Files.readAllBytes(packed(content));
    Path damaged = folder.resolve("damaged.zst");
    for (int at = 0; at < bytes.length; at += 97) {
      byte[] changed = bytes.clone();
      changed[at] ^= 0x10;
      Files.write(damaged, changed);
      assertCorrupt(damaged);
    }
    for (int length : List.of(0, 10, bytes.length / 2, bytes.length - 1)) {
      Files.write(damaged, Arrays.copyOf(bytes, length));
      assertCorrupt(damaged);
    }
  }

  @Test
  void moreThanWasStatedIsNeverWritten() throws IOException {
    byte[] bytes = Files.readAllBytes(packed(new byte[50_000_000]));
    bytes[bytes.length - 40] = 16; // states 16 bytes in the low byte of the size
    Arrays.fill(bytes, bytes.length - 39, bytes.length - 32, (byte) 0);
    Path bomb = folder.resolve("bomb.zst");
    Files.write(bomb, bytes);

    assertCorrupt(bomb);
  }

  private void assertCorrupt(Path file) throws IOException {
    Path out = folder.resolve("nothing.bin");
    TantraException e =
        assertThrows(
            TantraException.class,
            () -> packing.unpack(file, out, Progress.NONE, Cancellation.NEVER));
    // A size beyond the disk is refused for that reason.
    assertTrue(
        e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.EXHAUSTED,
        () -> e.kind() + ": " + e.getMessage());
    assertFalse(Files.exists(out));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.filter(path -> path.toString().endsWith(".tmp")).count());
    }
  }
}
