package org.tantra.plugin.pytorch.zip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.Fixture;

class ZipWriterTest {
  private static final long GIB = 1 << 30;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"dtypes.pt", "larger_records.pt", "zero_dim_and_empty.pt", "thousand_views.pt"})
  void archiveOfPytorchWrittenAgainIsEqualByteForByte(String name) throws IOException {
    Path file = Fixture.of("golden/corpus/torch/ok").file(name);
    byte[] original = Files.readAllBytes(file);
    ZipArchive archive = ZipArchive.read(MemorySegment.ofArray(original), name);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Arena scratch = Arena.ofConfined()) {
      ZipWriter writer = new ZipWriter(Channels.newChannel(out));
      for (ZipEntry entry : archive.entries()) {
        writer.add(entry.name(), archive.content(entry, scratch).toArray(ValueLayout.JAVA_BYTE));
      }
      writer.finish();
    }

    assertArrayEquals(original, out.toByteArray());
  }

  /// Takes 10 seconds and, on file systems without sparse files, 9 GB: `mvn
  /// -Dtantra.test.large=true …`.
  @EnabledIfSystemProperty(named = "tantra.test.large", matches = "true")
  @Test
  void sizesAndOffsetsBeyondFourGibibytesAreReadBack() throws IOException {
    Path file = folder.resolve("large.zip");
    long large = 4 * GIB + 5;
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.SPARSE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      // A file of zeros without blocks stands in for memory nobody has.
      Path zeros = folder.resolve("zeros");
      try (FileChannel source =
          FileChannel.open(
              zeros,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.SPARSE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        source.write(ByteBuffer.allocate(1), large - 1);
        MemorySegment content = source.map(FileChannel.MapMode.READ_ONLY, 0, large, arena);
        ZipWriter writer = new ZipWriter(new SparseChannel(channel));
        TensorView view = new TensorView(DType.U8, Shape.of(large), content);
        writer.add("p/large", large, view::copyTo);
        writer.add("p/small", new byte[] {1, 2, 3});
        writer.finish();
      }
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);

      ZipArchive archive = ZipArchive.read(mapped, "large.zip");

      List<Long> sizes = new ArrayList<>();
      for (ZipEntry entry : archive.entries()) {
        assertEquals(0, entry.dataOffset() % 64);
        sizes.add(entry.size());
      }
      assertEquals(List.of(large, 3L), sizes);
      ZipEntry small = archive.entry("p/small").orElseThrow();
      assertEquals(2, archive.content(small, arena).get(ValueLayout.JAVA_BYTE, 1));
    }
  }

  /// Skips over zeros instead of writing them.
  private static final class SparseChannel implements WritableByteChannel {
    private final FileChannel channel;
    private final byte[] zeros = new byte[64 << 10];

    SparseChannel(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      int length = source.remaining();
      if (length == zeros.length && source.mismatch(ByteBuffer.wrap(zeros)) < 0) {
        channel.position(channel.position() + length);
        source.position(source.limit());
        return length;
      }
      return channel.write(source);
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() {}
  }
}
