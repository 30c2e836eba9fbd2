package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Titles and pictures that some programs put before a sound.
///
/// @see <a href="https://id3.org/id3v2.4.0-structure">ID3v2.4, section 3</a>
final class Id3Tag {
  private static final int HEADER_BYTES = 10;
  private static final int FOOTER_FLAG = 0x10;

  private Id3Tag() {}

  /// Bytes of the tag that a file begins with, at most the file's; 0 if it begins with none.
  static long length(MemorySegment file) {
    if (file.byteSize() < HEADER_BYTES || !FirstBytes.are(file, 'I', 'D', '3')) {
      return 0;
    }
    long size = 0;
    for (int i = 6; i < HEADER_BYTES; i++) {
      size = (size << 7) | (file.get(ValueLayout.JAVA_BYTE, i) & 0x7f);
    }
    boolean footer = (file.get(ValueLayout.JAVA_BYTE, 5) & FOOTER_FLAG) != 0;
    return Math.min(file.byteSize(), HEADER_BYTES + size + (footer ? HEADER_BYTES : 0));
  }
}
