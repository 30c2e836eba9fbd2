package org.tantra.plugin.numpy.zip;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/// Writes an archive of stored members in one pass, each aligned so that it can be mapped. No time
/// stamps: equal members give equal bytes. For one thread; the channel stays open.
public final class ZipWriter {
  /// Id of the extra field that tools know as alignment padding.
  private static final int EXTRA_ALIGNMENT = 0xd935;

  private static final int VERSION = 20;
  private static final int VERSION64 = 45;

  /// Made on MS-DOS, names would be in its character set for some readers, whatever the flag says.
  private static final int MADE_ON_UNIX = 3 << 8;

  /// The first day that the format can name, 1980-01-01.
  private static final int DATE = 0x21;

  private final WritableByteChannel channel;
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private long position;
  private long entries;
  private long memberEnd;

  public ZipWriter(WritableByteChannel channel) {
    this.channel = channel;
  }

  /// Begins a member; exactly `bytes` bytes must follow by [#write].
  ///
  /// @param name a safe name by [ZipNames#isSafe], not used before
  /// @param crc32 checksum of the bytes to come
  /// @param alignment what the offset of the first byte is a multiple of, at most 32768
  public void begin(String name, int crc32, long bytes, int alignment) throws IOException {
    requireComplete();
    long offset = position;
    byte[] rawName = name.getBytes(StandardCharsets.UTF_8);
    boolean wide = bytes >= ZipLayout.MARKER32;
    long narrow = wide ? ZipLayout.MARKER32 : bytes;
    int extra64 = wide ? 4 + 2 * Long.BYTES : 0;
    long unpadded = offset + ZipLayout.LOCAL_BYTES + rawName.length + extra64 + 6;
    int padding = (int) Math.floorMod(-unpadded, (long) alignment);

    ByteBuffer local = buffer(ZipLayout.LOCAL_BYTES + rawName.length + extra64 + 6 + padding);
    local.putInt(ZipLayout.LOCAL).putShort((short) (wide ? VERSION64 : VERSION));
    shared(local, crc32, narrow, rawName.length, extra64 + 6 + padding);
    local.put(rawName);
    if (wide) {
      local.putShort((short) ZipLayout.EXTRA64).putShort((short) (2 * Long.BYTES));
      local.putLong(bytes).putLong(bytes);
    }
    local.putShort((short) EXTRA_ALIGNMENT).putShort((short) (2 + padding));
    local.putShort((short) alignment);
    position += local.capacity();
    memberEnd = position + bytes;
    writeFully(local.rewind());
    list(rawName, crc32, bytes, offset);
  }

  /// Writes some bytes of the member begun last.
  public void write(ByteBuffer bytes) throws IOException {
    skip(bytes.remaining());
    writeFully(bytes);
  }

  /// Counts bytes of the member begun last that the caller puts into the channel itself.
  public void skip(long bytes) {
    if (bytes > memberEnd - position) {
      throw new IllegalStateException("more bytes than announced");
    }
    position += bytes;
  }

  /// Writes the directory, after which nothing more can be written.
  public void finish() throws IOException {
    requireComplete();
    long offset = position;
    long size = directory.size();
    writeFully(ByteBuffer.wrap(directory.toByteArray()));
    ByteBuffer end =
        buffer(ZipLayout.END64_BYTES + ZipLayout.LOCATOR64_BYTES + ZipLayout.END_BYTES);
    if (entries >= ZipLayout.MARKER16 || offset + size >= ZipLayout.MARKER32) {
      end.putInt(ZipLayout.END64).putLong(ZipLayout.END64_BYTES - 12);
      end.putShort((short) VERSION64).putShort((short) VERSION64).putInt(0).putInt(0);
      end.putLong(entries).putLong(entries).putLong(size).putLong(offset);
      end.putInt(ZipLayout.LOCATOR64).putInt(0).putLong(offset + size).putInt(1);
    }
    short narrowEntries = (short) Math.min(entries, ZipLayout.MARKER16);
    end.putInt(ZipLayout.END).putShort((short) 0).putShort((short) 0);
    end.putShort(narrowEntries).putShort(narrowEntries);
    end.putInt((int) Math.min(size, ZipLayout.MARKER32));
    end.putInt((int) Math.min(offset, ZipLayout.MARKER32)).putShort((short) 0);
    writeFully(end.flip());
  }

  /// Adds a member to the directory; its 64-bit values follow in the order of the marked fields.
  private void list(byte[] rawName, int crc32, long bytes, long offset) {
    boolean wideBytes = bytes >= ZipLayout.MARKER32;
    boolean wideOffset = offset >= ZipLayout.MARKER32;
    int values = (wideBytes ? 2 : 0) + (wideOffset ? 1 : 0);
    int extra = values == 0 ? 0 : 4 + values * Long.BYTES;
    byte[] raw = new byte[ZipLayout.CENTRAL_BYTES + rawName.length + extra];
    ByteBuffer entry = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    short version = (short) (values == 0 ? VERSION : VERSION64);
    entry.putInt(ZipLayout.CENTRAL).putShort((short) (MADE_ON_UNIX | version)).putShort(version);
    long narrow = wideBytes ? ZipLayout.MARKER32 : bytes;
    shared(entry, crc32, narrow, rawName.length, extra);
    entry.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
    entry.putInt((int) Math.min(offset, ZipLayout.MARKER32)).put(rawName);
    if (values > 0) {
      entry.putShort((short) ZipLayout.EXTRA64).putShort((short) (values * Long.BYTES));
      if (wideBytes) {
        entry.putLong(bytes).putLong(bytes);
      }
      if (wideOffset) {
        entry.putLong(offset);
      }
    }
    directory.writeBytes(raw);
    entries++;
  }

  /// What local header and directory entry have in common, from flags to the length of the extra.
  private static void shared(
      ByteBuffer header, int crc32, long bytes, int nameBytes, int extraBytes) {
    header.putShort((short) ZipLayout.FLAG_UTF8).putShort((short) ZipLayout.METHOD_STORED);
    header.putShort((short) 0).putShort((short) DATE);
    header.putInt(crc32).putInt((int) bytes).putInt((int) bytes);
    header.putShort((short) nameBytes).putShort((short) extraBytes);
  }

  private void requireComplete() {
    if (position != memberEnd) {
      throw new IllegalStateException("the member lacks " + (memberEnd - position) + " bytes");
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
