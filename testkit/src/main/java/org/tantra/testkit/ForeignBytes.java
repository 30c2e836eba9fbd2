package org.tantra.testkit;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.tantra.api.FileHead;

/// First bytes of files that a weight format may be shown.
///
/// @param name what they are, for messages
/// @param owner id of the weight format they belong to; empty if they are no weights at all
/// @param bytes one character for each byte, ISO 8859-1
record ForeignBytes(String name, String owner, String bytes) {
  private static final int SIZE = 512;

  static ForeignBytes[] values() {
    return new ForeignBytes[] {
      new ForeignBytes("an empty file", "", ""),
      new ForeignBytes("one byte", "", "{"),
      new ForeignBytes("zeros", "", "\0".repeat(SIZE)),
      new ForeignBytes("0xff", "", "\u00ff".repeat(SIZE)),
      new ForeignBytes("spaces", "", " ".repeat(SIZE)),
      new ForeignBytes("random bytes", "", random()),
      new ForeignBytes("plain text", "", "These are not the weights you are looking for.\n"),
      new ForeignBytes("JSON", "", "{\"metadata\": {}, \"weight_map\": {}}"),
      new ForeignBytes("an error page", "", "<!DOCTYPE html>\n<html><body>Not found</body></html>"),
      new ForeignBytes(
          "a git-lfs pointer", "", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
      hex("gzip", "", "1f8b0800000000000003"),
      hex("zstd", "", "28b52ffd"),
      hex("HDF5", "", "894844460d0a1a0a"),
      hex("PNG", "", "89504e470d0a1a0a0000000d49484452"),
      hex("a class file", "", "cafebabe00000045"),
      hex("an ELF library", "", "7f454c460201010000000000000000000300"),
      zip("a zip of text", "", "readme.txt"),
      zip("a jar", "", "META-INF/MANIFEST.MF"),
      hex("a bare pickle", "", "80047d942e"),
      padded("safetensors", "safetensors", "\b\0\0\0\0\0\0\0{}      "),
      padded("GGUF", "gguf", "GGUF\3\0\0\0" + "\0".repeat(16)),
      zip("a PyTorch archive", "pytorch", "archive/data.pkl"),
      hex("a legacy PyTorch stream", "pytorch", "80028a0a6cfc9c46f9206aa850192e"),
      zip("npz", "npz", "weight.npy"),
      padded("npy", "npy", "\u0093NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': False, "),
    };
  }

  FileHead head() {
    byte[] head = bytes.getBytes(StandardCharsets.ISO_8859_1);
    return new FileHead(head, head.length);
  }

  private static ForeignBytes hex(String name, String owner, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return padded(name, owner, new String(bytes, StandardCharsets.ISO_8859_1));
  }

  private static ForeignBytes padded(String name, String owner, String bytes) {
    return new ForeignBytes(name, owner, bytes + "\0".repeat(SIZE - bytes.length()));
  }

  /// A local file header of a stored entry with this name.
  private static ForeignBytes zip(String name, String owner, String entry) {
    String header = "PK\3\4\24\0" + "\0".repeat(20) + (char) entry.length() + "\0\0\0" + entry;
    return padded(name, owner, header);
  }

  private static String random() {
    byte[] bytes = new byte[SIZE];
    new Random(20_250_101).nextBytes(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Override
  public String toString() {
    return name;
  }
}
