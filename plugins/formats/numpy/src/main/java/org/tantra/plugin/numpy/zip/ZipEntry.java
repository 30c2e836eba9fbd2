package org.tantra.plugin.numpy.zip;

/// One member of an archive, as its central directory describes it.
///
/// @param name unique in the archive, a relative path that stays below its root
/// @param deflated whether the bytes are compressed; otherwise they lie there as they are
/// @param offset where they begin in the archive
/// @param storedBytes how many there are in the archive
/// @param bytes how many there are when unpacked
/// @param crc32 checksum of the unpacked bytes
public record ZipEntry(
    String name, boolean deflated, long offset, long storedBytes, long bytes, int crc32) {

  /// Offset behind the last byte in the archive.
  long end() {
    return offset + storedBytes;
  }
}
