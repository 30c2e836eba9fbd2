package org.tantra.api;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The first bytes of a file, and its size. Immutable.
public final class FileHead {
  /// How many bytes the host reads, unless the file is shorter.
  public static final int MAXIMUM_BYTES = 4096;

  private final byte[] bytes;
  private final long fileSize;

  /// @param bytes the first bytes; copied
  /// @param fileSize size of the whole file in bytes
  public FileHead(byte[] bytes, long fileSize) {
    this.bytes = bytes.clone();
    this.fileSize = fileSize;
  }

  /// Size of the whole file in bytes.
  public long fileSize() {
    return fileSize;
  }

  /// How many bytes of it are here.
  public int length() {
    return bytes.length;
  }

  /// The unsigned byte at an offset, or -1 past the end.
  public int at(int offset) {
    return offset >= 0 && offset < bytes.length ? bytes[offset] & 0xff : -1;
  }

  /// Whether these bytes, given as 0..255, stand at an offset.
  public boolean has(int offset, int... expected) {
    for (int i = 0; i < expected.length; i++) {
      if (at(offset + i) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /// Whether this ASCII text stands at an offset.
  public boolean has(int offset, String ascii) {
    return has(offset, ascii.chars().toArray());
  }

  /// The little-endian 64-bit value at an offset.
  ///
  /// @throws IndexOutOfBoundsException if fewer than 8 bytes are left
  public long u64(int offset) {
    long value = 0;
    for (int i = 7; i >= 0; i--) {
      value = (value << 8) | (bytes[offset + i] & 0xff);
    }
    return value;
  }

  /// At most `length` bytes from an offset, each as the character of that value (ISO 8859-1).
  public String text(int offset, int length) {
    int from = Math.min(offset, bytes.length);
    int to = Math.min(from + length, bytes.length);
    return new String(Arrays.copyOfRange(bytes, from, to), StandardCharsets.ISO_8859_1);
  }
}
