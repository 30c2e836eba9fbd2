package org.tantra.plugin.numpy.zip;

import static org.tantra.plugin.numpy.zip.ZipLayout.bits32;
import static org.tantra.plugin.numpy.zip.ZipLayout.u16;
import static org.tantra.plugin.numpy.zip.ZipLayout.u32;
import static org.tantra.plugin.numpy.zip.ZipLayout.u64;

import java.lang.foreign.MemorySegment;
import org.tantra.api.TantraException;

/// Where the central directory of an archive lies, by its end record.
///
/// @param offset where it begins
/// @param end where it ends, which is where the first end record begins
/// @param entries how many there are; checked to be possible in so many bytes
record ZipExtent(long offset, long end, long entries) {
  private static final int LONGEST_COMMENT = 0xffff;

  /// @throws TantraException `CORRUPT` if there is no end record, bytes follow it, or it
  ///   contradicts itself or the 64-bit one
  static ZipExtent find(MemorySegment bytes, ZipRefusal refusal) {
    long record = endRecord(bytes, refusal);
    ZipExtent extent =
        has64(bytes, record) ? read64(bytes, record, refusal) : read32(bytes, record);
    requireOneDisk(bytes, record, refusal);
    if (extent.offset < 0
        || extent.offset > extent.end
        || extent.entries < 0
        || extent.entries > (extent.end - extent.offset) / ZipLayout.CENTRAL_BYTES) {
      throw refusal.corrupt(
          "the end record at byte %d describes a directory from %d to %d with %d entries."
              .formatted(record, extent.offset, extent.end, extent.entries));
    }
    return extent;
  }

  /// The last end signature; its comment must end with the file.
  private static long endRecord(MemorySegment bytes, ZipRefusal refusal) {
    long size = bytes.byteSize();
    long last = size - ZipLayout.END_BYTES;
    for (long at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
      if (bits32(bytes, at) == ZipLayout.END) {
        long end = at + ZipLayout.END_BYTES + u16(bytes, at + 20);
        if (end != size) {
          throw refusal.corrupt(
              "its end record says it has %d bytes, the file has %d.".formatted(end, size));
        }
        return at;
      }
    }
    throw refusal.corrupt(
        "none of its " + size + " bytes begins an end record; it was probably cut short.");
  }

  private static ZipExtent read32(MemorySegment bytes, long record) {
    long size = u32(bytes, record + 12);
    long offset = u32(bytes, record + 16);
    // The directory must touch its end record: what it says of its offset has to fit its size.
    return new ZipExtent(offset + size == record ? offset : -1, record, u16(bytes, record + 10));
  }

  private static boolean has64(MemorySegment bytes, long record) {
    long locator = record - ZipLayout.LOCATOR64_BYTES;
    return locator >= ZipLayout.END64_BYTES && bits32(bytes, locator) == ZipLayout.LOCATOR64;
  }

  private static ZipExtent read64(MemorySegment bytes, long record, ZipRefusal refusal) {
    long locator = record - ZipLayout.LOCATOR64_BYTES;
    long at = u64(bytes, locator + 8);
    if (at < 0
        || at > locator - ZipLayout.END64_BYTES
        || bits32(bytes, at) != ZipLayout.END64
        || u64(bytes, at + 4) != locator - at - 12) {
      throw refusal.corrupt(
          "the locator at byte %d finds no 64-bit end record at byte %d.".formatted(locator, at));
    }
    long entries = u64(bytes, at + 32);
    long size = u64(bytes, at + 40);
    long offset = u64(bytes, at + 48);
    if (differs(u16(bytes, record + 10), ZipLayout.MARKER16, entries)
        || differs(u32(bytes, record + 12), ZipLayout.MARKER32, size)
        || differs(u32(bytes, record + 16), ZipLayout.MARKER32, offset)
        || u64(bytes, at + 24) != entries
        || u32(bytes, at + 16) != 0
        || u32(bytes, at + 20) != 0
        || u32(bytes, locator + 4) != 0) {
      throw refusal.corrupt(
          "the end records at bytes %d and %d contradict each other.".formatted(at, record));
    }
    return new ZipExtent(offset >= 0 && at - offset == size ? offset : -1, at, entries);
  }

  private static boolean differs(long narrow, long marker, long wide) {
    return narrow != marker && narrow != wide;
  }

  private static void requireOneDisk(MemorySegment bytes, long record, ZipRefusal refusal) {
    boolean split =
        notZero(bytes, record + 4)
            || notZero(bytes, record + 6)
            || u16(bytes, record + 8) != u16(bytes, record + 10);
    if (split) {
      throw refusal.corrupt("the end record at byte " + record + " speaks of several disks.");
    }
  }

  /// Disk numbers may be the marker when there is a 64-bit record.
  private static boolean notZero(MemorySegment bytes, long offset) {
    int disk = u16(bytes, offset);
    return disk != 0 && disk != ZipLayout.MARKER16;
  }
}
