package org.tantra.plugin.pytorch.zip;

/// One file inside an archive, as the central directory describes it and its local header confirms.
///
/// @param name as stored, always a relative path with `/`
/// @param deflated whether the bytes are compressed; otherwise they lie in the archive as they are
/// @param crc32 checksum of the content
/// @param storedSize bytes it takes in the archive
/// @param size bytes of the content
/// @param headerOffset where its local header begins
/// @param dataOffset where its bytes begin
public record ZipEntry(
    String name,
    boolean deflated,
    int crc32,
    long storedSize,
    long size,
    long headerOffset,
    long dataOffset) {
  long dataEnd() {
    return dataOffset + storedSize;
  }
}
