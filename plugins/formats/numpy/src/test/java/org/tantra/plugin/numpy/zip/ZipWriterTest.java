package org.tantra.plugin.numpy.zip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ZipWriterTest {
  private static final byte[] CONTENT = "some numbers".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  @Test
  void membersAreAlignedAndComeBack() throws IOException {
    byte[] archive = archive(3);

    ZipArchive read = ZipArchive.of("a.npz", MemorySegment.ofArray(archive));

    assertEquals(List.of("m0", "m1", "m2"), read.entries().stream().map(ZipEntry::name).toList());
    try (Arena scratch = Arena.ofConfined()) {
      for (ZipEntry entry : read.entries()) {
        assertEquals(0, entry.offset() % 64);
        assertArrayEquals(CONTENT, read.read(entry, scratch).toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Test
  void otherReadersUnderstandTheArchive() throws IOException {
    try (var read = new ZipInputStream(new ByteArrayInputStream(archive(2)))) {
      for (String name : List.of("m0", "m1")) {
        var entry = read.getNextEntry();
        assertEquals(name, entry == null ? "nothing" : entry.getName());
        assertArrayEquals(CONTENT, read.readAllBytes());
      }
    }
  }

  @Test
  void moreMembersThanSixteenBitsCount() throws IOException {
    byte[] archive = archive(65_536);
    assertEquals(65_536, ZipArchive.of("a.npz", MemorySegment.ofArray(archive)).entries().size());
  }

  /// Announces 5 GiB and skips over them: the file is sparse, no byte of them is ever touched.
  @Test
  void memberAndOffsetsBeyondThirtyTwoBits() throws IOException {
    Path file = folder.resolve("large.npz");
    long large = 5L << 30;
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ZipWriter writer = new ZipWriter(channel);
      writer.begin("large", 0, large, 64);
      channel.position(channel.position() + large);
      writer.skip(large);
      writer.begin("small", crc(), CONTENT.length, 64);
      writer.write(ByteBuffer.wrap(CONTENT));
      writer.finish();
    }
    try (var channel = FileChannel.open(file);
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);

      ZipArchive read = ZipArchive.of("large.npz", bytes);

      ZipEntry small = read.entries().get(1);
      assertEquals(large, read.entries().getFirst().bytes());
      assertEquals(0, small.offset() % 64);
      assertArrayEquals(CONTENT, read.read(small, arena).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void memberOfAnotherSizeThanAnnouncedIsAMistake() throws IOException {
    ZipWriter writer = new ZipWriter(Channels.newChannel(new ByteArrayOutputStream()));
    writer.begin("m", 0, 4, 64);
    assertThrows(IllegalStateException.class, () -> writer.write(ByteBuffer.allocate(5)));
    assertThrows(IllegalStateException.class, writer::finish);
  }

  private static byte[] archive(int members) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ZipWriter writer = new ZipWriter(Channels.newChannel(bytes));
    for (int i = 0; i < members; i++) {
      writer.begin("m" + i, crc(), CONTENT.length, 64);
      writer.write(ByteBuffer.wrap(CONTENT));
    }
    writer.finish();
    return bytes.toByteArray();
  }

  private static int crc() {
    CRC32 crc = new CRC32();
    crc.update(CONTENT);
    return (int) crc.getValue();
  }
}
