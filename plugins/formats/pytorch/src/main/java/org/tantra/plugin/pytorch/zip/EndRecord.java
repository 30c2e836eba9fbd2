package org.tantra.plugin.pytorch.zip;

import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Where the central directory lies, from the record at the end of the archive.
///
/// @param directoryOffset first byte of the central directory
/// @param directoryEnd first byte after it
/// @param entries how many entries it claims to have; at least that many headers fit into it
record EndRecord(long directoryOffset, long directoryEnd, long entries) {
  private static final int SIGNATURE = 0x06054b50;
  private static final int ZIP64_LOCATOR = 0x07064b50;
  private static final int ZIP64_SIGNATURE = 0x06064b50;
  private static final int SIZE = 22;
  private static final int ZIP64_LOCATOR_SIZE = 20;
  private static final int ZIP64_SIZE = 56;
  private static final int MAXIMUM_COMMENT = 0xffff;

  static EndRecord read(ZipBytes bytes) {
    long end = find(bytes);
    int disks = bytes.u16(end + 4) | bytes.u16(end + 6);
    long entries = bytes.u16(end + 10);
    long size = bytes.u32(end + 12);
    long offset = bytes.u32(end + 16);
    long directoryEnd = end;
    if (disks != 0 && disks != 0xffff) {
      throw bytes.broken("it claims to be split over several disks");
    }
    if (bytes.u16(end + 8) != entries) {
      throw bytes.broken("its end record gives two different entry counts");
    }
    @Nullable EndRecord wide = zip64(bytes, end);
    if (wide != null) {
      agree(bytes, "entry count", entries, 0xffff, wide.entries);
      agree(bytes, "directory size", size, 0xffffffffL, wide.directoryEnd - wide.directoryOffset);
      agree(bytes, "directory offset", offset, 0xffffffffL, wide.directoryOffset);
      entries = wide.entries;
      offset = wide.directoryOffset;
      directoryEnd = wide.directoryEnd;
    } else if (offset + size != end) {
      throw bytes.broken(
          "its central directory should end at offset " + end + ", it ends at " + (offset + size));
    }
    if (entries > (directoryEnd - offset) / CentralDirectory.HEADER_SIZE) {
      throw bytes.broken(
          "it claims "
              + entries
              + " entries, its directory has "
              + (directoryEnd - offset)
              + " bytes");
    }
    return new EndRecord(offset, directoryEnd, entries);
  }

  /// The only end record whose comment ends with the file. A second one would let two readers see
  /// two different archives.
  private static long find(ZipBytes bytes) {
    long first = Math.max(0, bytes.size() - SIZE - MAXIMUM_COMMENT);
    // On the heap, because this loop runs once and a cold one over a segment takes its time.
    byte[] tail = bytes.memory().asSlice(first).toArray(ValueLayout.JAVA_BYTE);
    long found = -1;
    boolean elsewhere = false;
    for (int i = tail.length - SIZE; i >= 0; i--) {
      if (tail[i] != 'P' || tail[i + 1] != 'K' || bytes.i32(first + i) != SIGNATURE) {
        continue;
      }
      long at = first + i;
      if (at + SIZE + bytes.u16(at + 20) != bytes.size()) {
        elsewhere = true;
      } else if (found >= 0) {
        throw bytes.broken("it has two end records, at offsets " + at + " and " + found);
      } else {
        found = at;
      }
    }
    if (found >= 0) {
      return found;
    }
    throw elsewhere
        ? bytes.refuse("trailing-bytes", "its end record is not at the end of the file")
        : bytes.refuse(
            "truncated",
            "it has no end record in its " + bytes.size() + " bytes, so it is cut short");
  }

  private static @Nullable EndRecord zip64(ZipBytes bytes, long end) {
    long locator = end - ZIP64_LOCATOR_SIZE;
    if (locator < 0 || bytes.i32(locator) != ZIP64_LOCATOR) {
      return null;
    }
    long at = bytes.u64(locator + 8);
    if (bytes.i32(locator + 4) != 0 || !bytes.holds(at, ZIP64_SIZE) || at > locator) {
      throw bytes.broken("its zip64 locator points outside the file");
    }
    if (bytes.i32(at) != ZIP64_SIGNATURE || bytes.u64(at + 4) != locator - at - 12) {
      throw bytes.broken("there is no zip64 end record at offset " + at);
    }
    if ((bytes.i32(at + 16) | bytes.i32(at + 20)) != 0) {
      throw bytes.broken("it claims to be split over several disks");
    }
    long entries = bytes.u64(at + 32);
    long size = bytes.u64(at + 40);
    long offset = bytes.u64(at + 48);
    if (bytes.u64(at + 24) != entries) {
      throw bytes.broken("its zip64 end record gives two different entry counts");
    }
    if (offset > at || at - offset != size) {
      throw bytes.broken(
          "its central directory should end at offset "
              + at
              + ", it begins at "
              + offset
              + " with "
              + size
              + " bytes");
    }
    return new EndRecord(offset, at, entries);
  }

  private static void agree(ZipBytes bytes, String what, long narrow, long marker, long wide) {
    if (narrow != marker && narrow != wide) {
      throw bytes.broken(
          "its end records disagree about the " + what + ": " + narrow + ", " + wide);
    }
  }
}
