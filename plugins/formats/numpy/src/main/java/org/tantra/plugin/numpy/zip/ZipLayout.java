package org.tantra.plugin.numpy.zip;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Signatures, sizes and numbers of the zip format, all little-endian.
///
/// @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE, section
///   4.3</a>
final class ZipLayout {
  static final int LOCAL = 0x04034b50;
  static final int LOCAL_BYTES = 30;
  static final int CENTRAL = 0x02014b50;
  static final int CENTRAL_BYTES = 46;
  static final int END = 0x06054b50;
  static final int END_BYTES = 22;
  static final int END64 = 0x06064b50;
  static final int END64_BYTES = 56;
  static final int LOCATOR64 = 0x07064b50;
  static final int LOCATOR64_BYTES = 20;

  /// Id of the extra field that holds the 64-bit values.
  static final int EXTRA64 = 1;

  /// Stands in a 32-bit field whose value is in the extra field or the 64-bit end record.
  static final long MARKER32 = 0xffff_ffffL;

  /// The same for 16 bits.
  static final int MARKER16 = 0xffff;

  static final int FLAG_ENCRYPTED = 1;

  /// Sizes and checksum follow the data; the local header has zeros.
  static final int FLAG_DESCRIPTOR = 1 << 3;

  static final int FLAG_UTF8 = 1 << 11;

  static final int METHOD_STORED = 0;
  static final int METHOD_DEFLATED = 8;

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private ZipLayout() {}

  static int u16(MemorySegment bytes, long offset) {
    return Short.toUnsignedInt(bytes.get(U16, offset));
  }

  static long u32(MemorySegment bytes, long offset) {
    return Integer.toUnsignedLong(bytes.get(U32, offset));
  }

  static int bits32(MemorySegment bytes, long offset) {
    return bytes.get(U32, offset);
  }

  /// A size or offset; a value beyond 2⁶³ − 1 comes out negative.
  static long u64(MemorySegment bytes, long offset) {
    return bytes.get(U64, offset);
  }
}
