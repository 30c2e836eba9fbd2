package org.tantra.plugin.numpy.zip;

import static org.tantra.plugin.numpy.zip.ZipLayout.bits32;
import static org.tantra.plugin.numpy.zip.ZipLayout.u16;
import static org.tantra.plugin.numpy.zip.ZipLayout.u32;
import static org.tantra.plugin.numpy.zip.ZipLayout.u64;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tantra.api.TantraException;

/// Reads the directory of an archive and holds it against the local headers, so that no two readers
/// see two different archives: unique safe names, entries that agree in both places, lie in front
/// of the directory and do not overlap.
final class ZipDirectory {
  /// Flags that must be alike in both places: they say how to read the rest.
  private static final int SHARED_FLAGS =
      ZipLayout.FLAG_ENCRYPTED | ZipLayout.FLAG_DESCRIPTOR | ZipLayout.FLAG_UTF8;

  private final MemorySegment bytes;
  private final ZipRefusal refusal;
  private final ZipExtent extent;

  /// One entry of the directory, and where the next one and the local header begin.
  private record Listed(ZipEntry entry, long next, long localOffset) {}

  /// The sizes and the offset of an entry, after a look into its extra field.
  private record Sizes(long bytes, long storedBytes, long localOffset) {}

  private ZipDirectory(MemorySegment bytes, ZipRefusal refusal) {
    this.bytes = bytes;
    this.refusal = refusal;
    this.extent = ZipExtent.find(bytes, refusal);
  }

  /// Every entry, in the order of the directory.
  ///
  /// @throws TantraException `CORRUPT` or `UNSUPPORTED`, naming entry or offset
  static List<ZipEntry> read(MemorySegment bytes, ZipRefusal refusal) {
    return new ZipDirectory(bytes, refusal).entries();
  }

  private List<ZipEntry> entries() {
    List<Listed> listed = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long at = extent.offset();
    for (long i = 0; i < extent.entries(); i++) {
      Listed next = listed(at);
      if (!names.add(next.entry().name())) {
        throw refusal.corrupt(ZipNames.quoted(next.entry().name()) + " is in it twice.");
      }
      listed.add(next);
      at = next.next();
    }
    if (at != extent.end()) {
      throw refusal.corrupt(
          "its directory ends at byte %d, where %d were promised.".formatted(at, extent.end()));
    }
    requireApart(listed);
    return listed.stream().map(Listed::entry).toList();
  }

  private Listed listed(long at) {
    if (extent.end() - at < ZipLayout.CENTRAL_BYTES || bits32(bytes, at) != ZipLayout.CENTRAL) {
      throw refusal.corrupt("there is no directory entry at byte " + at + ".");
    }
    int nameBytes = u16(bytes, at + 28);
    int extraBytes = u16(bytes, at + 30);
    long extra = at + ZipLayout.CENTRAL_BYTES + nameBytes;
    long next = extra + extraBytes + u16(bytes, at + 32);
    if (next > extent.end()) {
      throw refusal.corrupt("the directory entry at byte " + at + " ends behind the directory.");
    }
    MemorySegment rawName = bytes.asSlice(at + ZipLayout.CENTRAL_BYTES, nameBytes);
    String name = ZipNames.decode(rawName, at, refusal);
    int flags = u16(bytes, at + 8);
    int method = u16(bytes, at + 10);
    requireReadable(name, flags, method);
    Sizes sizes = sizes(at, bytes.asSlice(extra, extraBytes), name);
    long data = dataOffset(sizes, rawName, name, at);
    boolean deflated = method == ZipLayout.METHOD_DEFLATED;
    ZipEntry entry =
        new ZipEntry(
            name, deflated, data, sizes.storedBytes(), sizes.bytes(), bits32(bytes, at + 16));
    if (sizes.storedBytes() < 0 || sizes.storedBytes() > extent.offset() - data) {
      throw wrong(
          name,
          "takes %d bytes from byte %d, into the directory at byte %d."
              .formatted(sizes.storedBytes(), data, extent.offset()));
    }
    if (sizes.bytes() < 0 || (!deflated && sizes.bytes() != sizes.storedBytes())) {
      throw wrong(
          name,
          "is stored in %d bytes but said to have %d."
              .formatted(sizes.storedBytes(), sizes.bytes()));
    }
    return new Listed(entry, next, sizes.localOffset());
  }

  private void requireReadable(String name, int flags, int method) {
    if ((flags & ZipLayout.FLAG_ENCRYPTED) != 0) {
      throw refusal.unsupported(ZipNames.quoted(name) + " is encrypted. Unpack it with its key.");
    }
    if (method != ZipLayout.METHOD_STORED && method != ZipLayout.METHOD_DEFLATED) {
      throw refusal.unsupported(
          ZipNames.quoted(name) + " is packed by method " + method + ". Store or deflate it.");
    }
  }

  /// The 32-bit values, or for those that are the marker the 64-bit ones from the extra field.
  private Sizes sizes(long at, MemorySegment extra, String name) {
    long[] values = {u32(bytes, at + 24), u32(bytes, at + 20), u32(bytes, at + 42)};
    long field = extra64(extra, name);
    long fieldEnd = field < 0 ? field : field + u16(extra, field - 2);
    for (int i = 0; i < values.length; i++) {
      if (values[i] == ZipLayout.MARKER32 && field >= 0) {
        if (fieldEnd - field < Long.BYTES) {
          throw wrong(name, "has too short a 64-bit extra field.");
        }
        values[i] = u64(extra, field);
        field += Long.BYTES;
      }
    }
    return new Sizes(values[0], values[1], values[2]);
  }

  /// Where the content of the 64-bit extra field begins, or -1.
  private long extra64(MemorySegment extra, String name) {
    long at = 0;
    while (extra.byteSize() - at >= 4) {
      int length = u16(extra, at + 2);
      if (length > extra.byteSize() - at - 4) {
        throw wrong(name, "has an extra field that ends behind its entry.");
      }
      if (u16(extra, at) == ZipLayout.EXTRA64) {
        return at + 4;
      }
      at += 4 + length;
    }
    return -1;
  }

  /// Checks the local header and says where the data behind it begins.
  private long dataOffset(Sizes sizes, MemorySegment rawName, String name, long central) {
    long at = sizes.localOffset();
    if (at < 0
        || at > extent.offset() - ZipLayout.LOCAL_BYTES
        || bits32(bytes, at) != ZipLayout.LOCAL) {
      throw wrong(name, "has no local header at byte " + at + ".");
    }
    int nameBytes = u16(bytes, at + 26);
    int extraBytes = u16(bytes, at + 28);
    long extra = at + ZipLayout.LOCAL_BYTES + nameBytes;
    long data = extra + extraBytes;
    if (data > extent.offset()) {
      throw wrong(name, "has a local header at byte " + at + " that runs into the directory.");
    }
    boolean same =
        bytes.asSlice(at + ZipLayout.LOCAL_BYTES, nameBytes).mismatch(rawName) < 0
            && (u16(bytes, at + 6) & SHARED_FLAGS) == (u16(bytes, central + 8) & SHARED_FLAGS)
            && u16(bytes, at + 8) == u16(bytes, central + 10);
    boolean descriptor = (u16(bytes, at + 6) & ZipLayout.FLAG_DESCRIPTOR) != 0;
    if (!same
        || (!descriptor
            && !sameSizes(name, at, bytes.asSlice(extra, extraBytes), sizes, central))) {
      throw wrong(name, "is described otherwise in its local header at byte " + at + ".");
    }
    return data;
  }

  private boolean sameSizes(
      String name, long local, MemorySegment extra, Sizes sizes, long central) {
    long stored = u32(bytes, local + 18);
    long unpacked = u32(bytes, local + 22);
    if (stored == ZipLayout.MARKER32 && unpacked == ZipLayout.MARKER32) {
      long field = extra64(extra, name);
      if (field < 0 || u16(extra, field - 2) < 2 * Long.BYTES) {
        return false;
      }
      unpacked = u64(extra, field);
      stored = u64(extra, field + Long.BYTES);
    }
    return stored == sizes.storedBytes()
        && unpacked == sizes.bytes()
        && bits32(bytes, local + 14) == bits32(bytes, central + 16);
  }

  /// The first entry begins the file, and none begins before another one's data ends.
  private void requireApart(List<Listed> listed) {
    long end = 0;
    List<Listed> byOffset =
        listed.stream().sorted(Comparator.comparingLong(Listed::localOffset)).toList();
    for (Listed next : byOffset) {
      if (end == 0 && next.localOffset() != 0) {
        throw wrong(
            next.entry().name(),
            "is the first entry but begins at byte " + next.localOffset() + " instead of 0.");
      }
      if (next.localOffset() < end) {
        throw wrong(
            next.entry().name(),
            "begins at byte "
                + next.localOffset()
                + ", inside the entry before it, which ends at byte "
                + end
                + ".");
      }
      end = next.entry().end();
    }
    if (listed.isEmpty() && extent.offset() != 0) {
      throw refusal.corrupt(
          "its empty directory begins at byte " + extent.offset() + " instead of 0.");
    }
  }

  private TantraException wrong(String name, String problem) {
    return refusal.corrupt(ZipNames.quoted(name) + " " + problem);
  }
}
