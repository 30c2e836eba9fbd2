package org.tantra.plugin.pytorch.zip;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Writes an archive from start to end, entries stored and their bytes aligned for mapping.
///
/// The layout is the one of PyTorch's own writer, byte for byte: sizes and checksums follow the
/// data (so one pass is enough), an extra field `FB` pads the data to a multiple of 64, 64-bit
/// fields appear where a size or an offset needs them, and the directory always ends with both end
/// records. Not for use by several threads.
///
/// @see <a
///   href="https://github.com/pytorch/pytorch/blob/main/caffe2/serialize/inline_container.cc">
///   inline_container.cc</a>
public final class ZipWriter {
  private static final int ALIGNMENT = 64;
  private static final long MARKER = 0xffffffffL;
  private static final int DESCRIPTOR_AND_UTF8 = 0x0808;
  private static final int UTF8 = 0x0800;

  private final WritableByteChannel channel;
  private final List<ZipEntry> entries = new ArrayList<>();
  private long position;

  /// @param channel where to; not closed
  public ZipWriter(WritableByteChannel channel) {
    this.channel = channel;
  }

  /// The bytes of an entry.
  public interface Content {
    /// Writes all of them.
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /// Writes an entry of bytes on the heap.
  ///
  /// @param name as for [#add(String, long, Content)]
  /// @throws IOException if writing fails
  public void add(String name, byte[] content) throws IOException {
    add(name, content.length, to -> writeFully(to, ByteBuffer.wrap(content)));
  }

  /// Writes one entry.
  ///
  /// @param name a relative path with `/`, at most 65 535 bytes in UTF-8
  /// @param size how many bytes `content` will write
  /// @throws IOException if writing fails
  /// @throws IllegalStateException if there were more or fewer
  public void add(String name, long size, Content content) throws IOException {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    long header = position;
    byte[] wide = wideFields(size, header);
    long unpadded = header + 30 + nameBytes.length + wide.length + 4;
    int padding = (int) ((ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT);
    ByteBuffer local = buffer(30 + nameBytes.length + wide.length + 4 + padding);
    local.putInt(0x04034b50).putShort((short) 0).putShort(flags(size)).putShort((short) 0);
    local.putInt(0).putInt(0).putInt(0).putInt(0);
    local.putShort((short) nameBytes.length).putShort((short) (wide.length + 4 + padding));
    local.put(nameBytes).put(wide);
    local.put((byte) 'F').put((byte) 'B').putShort((short) padding);
    while (local.hasRemaining()) {
      local.put((byte) 'Z');
    }
    write(local.flip());
    long data = position;
    SummingChannel summing = new SummingChannel(channel);
    content.writeTo(summing);
    position += summing.bytes();
    if (summing.bytes() != size) {
      throw new IllegalStateException(
          "entry '" + name + "' has " + summing.bytes() + " bytes instead of " + size);
    }
    int crc = summing.crc32();
    if (size > 0) {
      write(descriptor(crc, size, wide.length > 0));
    }
    entries.add(new ZipEntry(name, false, crc, size, size, header, data));
  }

  /// Writes the directory; nothing may be added afterwards.
  ///
  /// @throws IOException if writing fails
  public void finish() throws IOException {
    long directory = position;
    for (ZipEntry entry : entries) {
      write(directoryEntry(entry));
    }
    long size = position - directory;
    long wideEnd = position;
    ByteBuffer end = buffer(56 + 20 + 22);
    end.putInt(0x06064b50).putLong(44).putShort((short) 0x031e).putShort((short) 45);
    end.putInt(0).putInt(0).putLong(entries.size()).putLong(entries.size());
    end.putLong(size).putLong(directory);
    end.putInt(0x07064b50).putInt(0).putLong(wideEnd).putInt(1);
    short count = (short) Math.min(entries.size(), 0xffff);
    end.putInt(0x06054b50).putInt(0).putShort(count).putShort(count);
    end.putInt((int) Math.min(size, MARKER)).putInt((int) Math.min(directory, MARKER));
    end.putShort((short) 0);
    write(end.flip());
  }

  private static short flags(long size) {
    return (short) (size > 0 ? DESCRIPTOR_AND_UTF8 : UTF8);
  }

  /// The 64-bit extra field of a local header. The compressed size in it is not known yet in
  /// PyTorch's writer and stays 0.
  private static byte[] wideFields(long size, long header) {
    int length = (size >= MARKER ? 16 : 0) + (header >= MARKER ? 8 : 0);
    if (length == 0) {
      return new byte[0];
    }
    byte[] bytes = new byte[4 + length];
    ByteBuffer field = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    field.putShort((short) 1).putShort((short) length);
    if (size >= MARKER) {
      field.putLong(size).putLong(0);
    }
    if (header >= MARKER) {
      field.putLong(header);
    }
    return bytes;
  }

  private static ByteBuffer descriptor(int crc, long size, boolean wide) {
    ByteBuffer descriptor = buffer(wide ? 24 : 16).putInt(0x08074b50).putInt(crc);
    if (wide) {
      descriptor.putLong(size).putLong(size);
    } else {
      descriptor.putInt((int) size).putInt((int) size);
    }
    return descriptor.flip();
  }

  private static ByteBuffer directoryEntry(ZipEntry entry) {
    byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
    boolean wideSize = entry.size() >= MARKER;
    boolean wideOffset = entry.headerOffset() >= MARKER;
    int wide = (wideSize ? 16 : 0) + (wideOffset ? 8 : 0);
    int extra = wide == 0 ? 0 : 4 + wide;
    int narrowSize = (int) Math.min(entry.size(), MARKER);
    ByteBuffer header = buffer(46 + name.length + extra);
    header.putInt(0x02014b50).putInt(0).putShort(flags(entry.size())).putShort((short) 0);
    header.putInt(0).putInt(entry.crc32()).putInt(narrowSize).putInt(narrowSize);
    header.putShort((short) name.length).putShort((short) extra).putShort((short) 0);
    header.putShort((short) 0).putShort((short) 0).putInt(0);
    header.putInt((int) Math.min(entry.headerOffset(), MARKER)).put(name);
    if (extra > 0) {
      header.putShort((short) 1).putShort((short) wide);
    }
    if (wideSize) {
      header.putLong(entry.size()).putLong(entry.size());
    }
    if (wideOffset) {
      header.putLong(entry.headerOffset());
    }
    return header.flip();
  }

  private void write(ByteBuffer bytes) throws IOException {
    position += bytes.remaining();
    writeFully(channel, bytes);
  }

  private static void writeFully(WritableByteChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
