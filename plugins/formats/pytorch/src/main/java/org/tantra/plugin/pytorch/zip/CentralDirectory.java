package org.tantra.plugin.pytorch.zip;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Reads the list of entries and compares each with its local header.
final class CentralDirectory {
  static final int HEADER_SIZE = 46;
  private static final int SIGNATURE = 0x02014b50;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  /// Encrypted (0, 6), patch data (5), masked headers (13).
  private static final int REFUSED_FLAGS = 1 | 1 << 5 | 1 << 6 | 1 << 13;

  /// Sizes and checksum follow the data, the local header need not have them.
  private static final int DESCRIPTOR_FLAG = 1 << 3;

  private static final long MARKER = 0xffffffffL;
  private static final Pattern DRIVE = Pattern.compile("^[A-Za-z]:.*", Pattern.DOTALL);

  private final ZipBytes bytes;
  private final EndRecord end;

  private CentralDirectory(ZipBytes bytes, EndRecord end) {
    this.bytes = bytes;
    this.end = end;
  }

  /// Every entry by name, in the order of the directory.
  static Map<String, ZipEntry> read(ZipBytes bytes) {
    return new CentralDirectory(bytes, EndRecord.read(bytes)).entries();
  }

  private Map<String, ZipEntry> entries() {
    Map<String, ZipEntry> entries = new LinkedHashMap<>();
    long at = end.directoryOffset();
    for (long i = 0; i < end.entries(); i++) {
      if (at > end.directoryEnd() - HEADER_SIZE || bytes.i32(at) != SIGNATURE) {
        throw bytes.broken("there is no directory entry at offset " + at);
      }
      long next = at + HEADER_SIZE + bytes.u16(at + 28) + bytes.u16(at + 30) + bytes.u16(at + 32);
      if (next > end.directoryEnd()) {
        throw bytes.broken("the directory entry at offset " + at + " is cut short");
      }
      ZipEntry entry = entry(at);
      if (entries.put(entry.name(), entry) != null) {
        throw bytes.refuse("duplicate-entry", "it has two entries named '" + entry.name() + "'");
      }
      at = next;
    }
    if (at != end.directoryEnd()) {
      throw bytes.broken(
          "its directory has " + (end.directoryEnd() - at) + " bytes after the last entry");
    }
    checkLayout(new ArrayList<>(entries.values()));
    return entries;
  }

  private ZipEntry entry(long at) {
    int flags = bytes.u16(at + 8);
    int method = bytes.u16(at + 10);
    int nameLength = bytes.u16(at + 28);
    String name = bytes.text(at + HEADER_SIZE, nameLength);
    checkName(name);
    if ((flags & REFUSED_FLAGS) != 0) {
      throw bytes.broken("entry '" + name + "' is encrypted or patched");
    }
    if (method != STORED && method != DEFLATED) {
      throw bytes.broken(
          "entry '" + name + "' is compressed by method " + method + ", only deflate is read");
    }
    long[] wide = {bytes.u32(at + 24), bytes.u32(at + 20), bytes.u32(at + 42)};
    widen(name, wide, at + HEADER_SIZE + nameLength, bytes.u16(at + 30));
    long size = wide[0];
    long storedSize = wide[1];
    long header = wide[2];
    if (method == STORED && size != storedSize) {
      throw bytes.broken(
          "entry '" + name + "' is stored, yet has " + storedSize + " bytes for " + size);
    }
    if (name.endsWith("/") && size != 0) {
      throw bytes.broken("folder '" + name + "' has content");
    }
    ZipEntry entry =
        new ZipEntry(
            name,
            method == DEFLATED,
            bytes.i32(at + 16),
            storedSize,
            size,
            header,
            dataOffset(name, header));
    checkLocalHeader(entry, method, flags);
    return entry;
  }

  /// Replaces each 32-bit field that holds the marker by its 64-bit value from the extra field.
  private void widen(String name, long[] values, long extra, int extraLength) {
    long field = -1;
    int fieldLength = 0;
    for (long at = extra; at + 4 <= extra + extraLength; at += 4 + fieldLength) {
      fieldLength = bytes.u16(at + 2);
      if (at + 4 + fieldLength > extra + extraLength) {
        throw bytes.broken("entry '" + name + "' has an extra field that is cut short");
      }
      if (bytes.u16(at) == 1) {
        field = at + 4;
        break;
      }
    }
    int taken = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] == MARKER && field >= 0) {
        if (taken + 8 > fieldLength) {
          throw bytes.broken("entry '" + name + "' lacks a 64-bit size it refers to");
        }
        values[i] = bytes.u64(field + taken);
        taken += 8;
      }
    }
  }

  private long dataOffset(String name, long header) {
    if (header > end.directoryOffset() - LOCAL_SIZE || bytes.i32(header) != LOCAL_SIGNATURE) {
      throw bytes.broken("entry '" + name + "' has no local header at offset " + header);
    }
    return header + LOCAL_SIZE + bytes.u16(header + 26) + bytes.u16(header + 28);
  }

  private void checkLocalHeader(ZipEntry entry, int method, int flags) {
    long at = entry.headerOffset();
    if (entry.dataOffset() > end.directoryOffset()
        || entry.storedSize() > end.directoryOffset() - entry.dataOffset()) {
      throw bytes.broken(
          "entry '"
              + entry.name()
              + "' has "
              + entry.storedSize()
              + " bytes from offset "
              + entry.dataOffset()
              + ", the directory begins at "
              + end.directoryOffset());
    }
    int nameLength = bytes.u16(at + 26);
    String name = bytes.text(at + LOCAL_SIZE, nameLength);
    if (!name.equals(entry.name())) {
      throw bytes.broken("entry '" + entry.name() + "' is called '" + name + "' in its own header");
    }
    int localFlags = bytes.u16(at + 6);
    if (bytes.u16(at + 8) != method || ((localFlags ^ flags) & DESCRIPTOR_FLAG) != 0) {
      throw bytes.broken("entry '" + name + "' is described differently in its own header");
    }
    if ((flags & DESCRIPTOR_FLAG) == 0) {
      long[] wide = {bytes.u32(at + 22), bytes.u32(at + 18)};
      widen(name, wide, at + LOCAL_SIZE + nameLength, bytes.u16(at + 28));
      if (wide[0] != entry.size()
          || wide[1] != entry.storedSize()
          || bytes.i32(at + 14) != entry.crc32()) {
        throw bytes.broken("entry '" + name + "' has another size or checksum in its own header");
      }
    }
  }

  private void checkName(String name) {
    if (name.isEmpty() || name.chars().anyMatch(Character::isISOControl)) {
      throw bytes.broken("an entry name is empty or holds control characters");
    }
    boolean leaves =
        name.startsWith("/") || name.indexOf('\\') >= 0 || DRIVE.matcher(name).matches();
    for (String part : name.split("/", -1)) {
      leaves |= part.equals(".") || part.equals("..");
    }
    if (leaves) {
      throw bytes.refuse(
          "path-traversal", "entry name '" + name + "' is not a plain relative path");
    }
  }

  /// Entries begin at the first byte of the file and do not overlap.
  private void checkLayout(List<ZipEntry> entries) {
    entries.sort(Comparator.comparingLong(ZipEntry::headerOffset));
    long free = 0;
    for (ZipEntry entry : entries) {
      if (entry.headerOffset() < free) {
        throw bytes.broken("entry '" + entry.name() + "' overlaps the one before it");
      }
      if (free == 0 && entry.headerOffset() > 0) {
        throw bytes.broken("there are " + entry.headerOffset() + " bytes before the first entry");
      }
      free = entry.dataEnd();
    }
  }
}
