package org.tantra.plugin.numpy.zip;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.TantraException;

/// An archive in memory that somebody else owns, usually a mapped file. Safe to read from several
/// threads.
public final class ZipArchive {
  /// Bytes handed to a checksum or an inflater at once; a buffer holds no more than an `int`
  /// counts.
  private static final long STEP_BYTES = 1 << 30;

  /// Deflated members that unpack to more than this must not be packed more than [#MOST_PACKED]
  /// times: that is the sign of a bomb, weights shrink by a few percent.
  private static final long HARMLESS_BYTES = 1 << 20;

  private static final long MOST_PACKED = 100;

  private final ZipRefusal refusal;
  private final MemorySegment bytes;
  private final List<ZipEntry> entries;

  /// Stored members whose checksum has been found right.
  private final Set<String> verified = ConcurrentHashMap.newKeySet();

  private ZipArchive(ZipRefusal refusal, MemorySegment bytes, List<ZipEntry> entries) {
    this.refusal = refusal;
    this.bytes = bytes;
    this.entries = entries;
  }

  /// Reads the directory; touches no member's data.
  ///
  /// @param fileName as messages name the archive
  /// @param bytes the whole archive
  /// @throws TantraException `CORRUPT` if the archive is not consistent in itself, `UNSUPPORTED` if
  ///   a member is encrypted or packed by a method other than deflate
  public static ZipArchive of(String fileName, MemorySegment bytes) {
    ZipRefusal refusal = new ZipRefusal(fileName);
    return new ZipArchive(refusal, bytes, ZipDirectory.read(bytes, refusal));
  }

  /// Every member, in the order of the directory.
  public List<ZipEntry> entries() {
    return entries;
  }

  /// The first bytes of a member, at most `limit`; no checksum is looked at.
  ///
  /// @throws TantraException `CORRUPT` if they cannot be unpacked
  public byte[] head(ZipEntry entry, int limit) {
    byte[] head = new byte[(int) Math.min(limit, entry.bytes())];
    MemorySegment target = MemorySegment.ofArray(head);
    if (entry.deflated()) {
      inflate(entry, target);
    } else {
      target.copyFrom(bytes.asSlice(entry.offset(), head.length));
    }
    return head;
  }

  /// All bytes of a member: a view of the archive if it is stored, otherwise unpacked into
  /// `scratch`. The checksum of a stored member is computed once, that of a deflated one each time.
  ///
  /// @throws TantraException `CORRUPT` if the checksum differs or the bytes cannot be unpacked,
  ///   `UNSUPPORTED` if they would grow beyond measure
  public MemorySegment read(ZipEntry entry, SegmentAllocator scratch) {
    if (entry.deflated()) {
      MemorySegment unpacked = unpack(entry, scratch);
      requireChecksum(entry, unpacked);
      return unpacked;
    }
    MemorySegment stored = bytes.asSlice(entry.offset(), entry.bytes());
    if (!verified.contains(entry.name())) {
      requireChecksum(entry, stored);
      verified.add(entry.name());
    }
    return stored;
  }

  /// Where the bytes of a stored member lie; empty if it is deflated. Its checksum is computed
  /// once, by reading the file and not the mapping.
  ///
  /// @param file the one that the archive is
  /// @throws TantraException `CORRUPT` if the checksum differs
  /// @throws IOException if the file cannot be read
  public Optional<FileSlice> slice(ZipEntry entry, MappedFile file) throws IOException {
    if (entry.deflated()) {
      return Optional.empty();
    }
    FileSlice stored = file.slice(entry.offset(), entry.bytes());
    if (!verified.contains(entry.name())) {
      SummingChannel sum = new SummingChannel();
      stored.copyTo(sum);
      requireChecksum(entry, sum.crc32());
      verified.add(entry.name());
    }
    return Optional.of(stored);
  }

  private MemorySegment unpack(ZipEntry entry, SegmentAllocator scratch) {
    if (entry.bytes() > HARMLESS_BYTES && entry.bytes() / MOST_PACKED > entry.storedBytes()) {
      throw refusal.unsupported(
          "%s would grow from %d to %d bytes, more than %d times. Pack it without compression."
              .formatted(
                  ZipNames.quoted(entry.name()), entry.storedBytes(), entry.bytes(), MOST_PACKED));
    }
    MemorySegment target = scratch.allocate(entry.bytes());
    long packed = inflate(entry, target);
    if (packed != entry.storedBytes()) {
      throw wrong(
          entry,
          "unpacks to %d bytes or more after %d packed bytes, where %d were promised from %d."
              .formatted(entry.bytes(), packed, entry.bytes(), entry.storedBytes()));
    }
    return target;
  }

  /// Fills `target` from the start of a deflated member.
  ///
  /// @return packed bytes used if the stream ended right behind the target, else -1
  private long inflate(ZipEntry entry, MemorySegment target) {
    Inflater inflater = new Inflater(true);
    try {
      long filled = 0;
      long fed = 0;
      byte[] beyond = new byte[1];
      while (!inflater.finished()) {
        if (inflater.needsInput() && fed < entry.storedBytes()) {
          long step = Math.min(STEP_BYTES, entry.storedBytes() - fed);
          inflater.setInput(bytes.asSlice(entry.offset() + fed, step).asByteBuffer());
          fed += step;
        }
        long room = Math.min(STEP_BYTES, target.byteSize() - filled);
        int more =
            room > 0
                ? inflater.inflate(target.asSlice(filled, room).asByteBuffer())
                : inflater.inflate(beyond);
        if (more > 0 && room == 0) {
          return -1;
        }
        filled += more;
        if (more == 0
            && !inflater.finished()
            && !(inflater.needsInput() && fed < entry.storedBytes())) {
          throw wrong(entry, "ends " + (target.byteSize() - filled) + " bytes early.");
        }
      }
      if (filled < target.byteSize()) {
        throw wrong(entry, "ends " + (target.byteSize() - filled) + " bytes early.");
      }
      return fed - inflater.getRemaining();
    } catch (DataFormatException e) {
      throw wrong(entry, "cannot be unpacked: " + e.getMessage() + ".");
    } finally {
      inflater.end();
    }
  }

  private void requireChecksum(ZipEntry entry, MemorySegment content) {
    CRC32 crc = new CRC32();
    for (long at = 0; at < content.byteSize(); at += STEP_BYTES) {
      crc.update(content.asSlice(at, Math.min(STEP_BYTES, content.byteSize() - at)).asByteBuffer());
    }
    requireChecksum(entry, (int) crc.getValue());
  }

  private void requireChecksum(ZipEntry entry, int found) {
    if (found != entry.crc32()) {
      throw wrong(entry, "has checksum %08x, its bytes have %08x.".formatted(entry.crc32(), found));
    }
  }

  private TantraException wrong(ZipEntry entry, String problem) {
    return refusal.corrupt(
        ZipNames.quoted(entry.name()) + " at byte " + entry.offset() + " " + problem);
  }
}
