package org.tantra.plugin.pytorch.zip;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.TantraException;

/// A zip archive in memory, usually a mapped file. Safe to read from several threads.
///
/// Stricter than the usual readers, so that no two of them can disagree about what the archive
/// holds: one end record that ends with the file, no duplicate names, no overlaps, local headers
/// equal to the directory, sizes inside the file, plain relative names.
public final class ZipArchive {
  /// An entry above this size may not be compressed by more than [#MAXIMUM_RATIO].
  private static final long FREE_INFLATED_BYTES = 1 << 20;

  private static final long MAXIMUM_RATIO = 100;
  private static final int WINDOW = 1 << 20;

  private final ZipBytes bytes;
  private final Map<String, ZipEntry> entries;
  private final Set<String> verified = ConcurrentHashMap.newKeySet();

  private ZipArchive(ZipBytes bytes, Map<String, ZipEntry> entries) {
    this.bytes = bytes;
    this.entries = entries;
  }

  /// Reads the directory; no content is touched.
  ///
  /// @param file the whole archive
  /// @param name what to call it in messages
  /// @throws TantraException `CORRUPT` if it is cut short or breaks one of the rules
  public static ZipArchive read(MemorySegment file, String name) {
    ZipBytes bytes = new ZipBytes(file, name);
    return new ZipArchive(bytes, CentralDirectory.read(bytes));
  }

  /// Every entry, in the order of the directory.
  public Collection<ZipEntry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  public Optional<ZipEntry> entry(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  /// An entry's bytes: a view of the archive if it is stored, otherwise inflated into `scratch`.
  /// The checksum of a stored entry is computed once, that of a deflated one each time.
  ///
  /// @throws TantraException `CORRUPT` if the checksum differs, the compressed stream is broken, or
  ///   the entry expands beyond its declared size; `UNSUPPORTED` if it is compressed so strongly
  ///   that it must be an attack on memory
  public MemorySegment content(ZipEntry entry, SegmentAllocator scratch) {
    MemorySegment stored = bytes.memory().asSlice(entry.dataOffset(), entry.storedSize());
    if (!entry.deflated()) {
      if (!verified.contains(entry.name())) {
        verify(entry, stored);
        verified.add(entry.name());
      }
      return stored;
    }
    if (entry.size() > FREE_INFLATED_BYTES && entry.size() / MAXIMUM_RATIO > entry.storedSize()) {
      throw bytes.unsupported(
          "resource-limit",
          "entry '"
              + entry.name()
              + "' would expand from "
              + entry.storedSize()
              + " to "
              + entry.size()
              + " bytes, more than "
              + MAXIMUM_RATIO
              + "-fold");
    }
    MemorySegment content = scratch.allocate(Math.max(entry.size(), 1)).asSlice(0, entry.size());
    inflate(entry, stored, content);
    verify(entry, content);
    return content.asReadOnly();
  }

  /// Where the bytes of a stored entry lie; empty if it is deflated. Its checksum is computed once,
  /// by reading the file and not the mapping.
  ///
  /// @param file the one that the archive is
  /// @throws TantraException `CORRUPT` if the checksum differs
  /// @throws IOException if the file cannot be read
  public Optional<FileSlice> slice(ZipEntry entry, MappedFile file) throws IOException {
    if (entry.deflated()) {
      return Optional.empty();
    }
    FileSlice stored = file.slice(entry.dataOffset(), entry.storedSize());
    if (!verified.contains(entry.name())) {
      SummingChannel sum = new SummingChannel();
      stored.copyTo(sum);
      requireChecksum(entry, sum.crc32());
      verified.add(entry.name());
    }
    return Optional.of(stored);
  }

  private void verify(ZipEntry entry, MemorySegment content) {
    CRC32 crc = new CRC32();
    for (long at = 0; at < content.byteSize(); at += WINDOW) {
      crc.update(content.asSlice(at, Math.min(WINDOW, content.byteSize() - at)).asByteBuffer());
    }
    requireChecksum(entry, (int) crc.getValue());
  }

  private void requireChecksum(ZipEntry entry, int found) {
    if (found != entry.crc32()) {
      throw bytes.refuse(
          "crc-mismatch",
          String.format(
              "the bytes of entry '%s' have checksum %08x, the directory says %08x",
              entry.name(), found, entry.crc32()));
    }
  }

  private void inflate(ZipEntry entry, MemorySegment stored, MemorySegment content) {
    long written = 0;
    try (Inflater inflater = new Inflater(true)) {
      long fed = 0;
      while (!inflater.finished()) {
        if (inflater.needsInput()) {
          long part = Math.min(WINDOW, stored.byteSize() - fed);
          if (part == 0) {
            throw bytes.broken(
                "the compressed bytes of entry '" + entry.name() + "' are cut short");
          }
          inflater.setInput(stored.asSlice(fed, part).asByteBuffer());
          fed += part;
        }
        // One byte more than declared, so that a longer stream shows itself.
        if (written == content.byteSize()) {
          if (inflater.inflate(new byte[1]) > 0) {
            throw bytes.broken("entry '" + entry.name() + "' is longer than it declares");
          }
        } else {
          long part = Math.min(WINDOW, content.byteSize() - written);
          written += inflater.inflate(content.asSlice(written, part).asByteBuffer());
        }
        if (inflater.needsDictionary()) {
          throw bytes.broken("entry '" + entry.name() + "' asks for a preset dictionary");
        }
      }
      if (fed - inflater.getRemaining() != stored.byteSize()) {
        throw bytes.broken("entry '" + entry.name() + "' has bytes after its compressed stream");
      }
    } catch (DataFormatException e) {
      throw bytes.broken("the compressed bytes of entry '" + entry.name() + "' are damaged");
    }
    if (written != content.byteSize()) {
      throw bytes.broken(
          "entry '"
              + entry.name()
              + "' inflates to "
              + written
              + " bytes, it declares "
              + entry.size());
    }
  }
}
