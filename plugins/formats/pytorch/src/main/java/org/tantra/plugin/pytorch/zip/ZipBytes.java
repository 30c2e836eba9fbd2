package org.tantra.plugin.pytorch.zip;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;

/// An archive's bytes with the little-endian reads that zip structures are made of.
///
/// @param memory the whole file
/// @param file its name, for messages
record ZipBytes(MemorySegment memory, String file) {

  long size() {
    return memory.byteSize();
  }

  int u16(long offset) {
    return Short.toUnsignedInt(memory.get(TensorView.BITS16, offset));
  }

  int i32(long offset) {
    return memory.get(TensorView.I32, offset);
  }

  long u32(long offset) {
    return Integer.toUnsignedLong(memory.get(TensorView.I32, offset));
  }

  /// A 64-bit size or offset.
  ///
  /// @throws TantraException `CORRUPT` if it is beyond what a file can have
  long u64(long offset) {
    long value = memory.get(TensorView.I64, offset);
    if (value < 0) {
      throw broken("a 64-bit field at offset " + offset + " is larger than any file");
    }
    return value;
  }

  /// Whether `length` bytes from `offset` lie inside the file.
  boolean holds(long offset, long length) {
    return offset >= 0 && length >= 0 && offset <= size() - length;
  }

  /// Strict UTF-8.
  String text(long offset, int length) {
    ByteBuffer bytes = memory.asSlice(offset, length).asByteBuffer();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw refuse("zip-structure", "an entry name at offset " + offset + " is not valid UTF-8");
    }
  }

  TantraException broken(String what) {
    return refuse("zip-structure", what);
  }

  TantraException refuse(String code, String what) {
    return new TantraException(
            ErrorKind.CORRUPT,
            "Zip archive '"
                + file
                + "' is refused: "
                + what
                + ". Fetch it again and compare checksums.")
        .withCode(code);
  }

  TantraException unsupported(String code, String what) {
    return new TantraException(
            ErrorKind.UNSUPPORTED, "Zip archive '" + file + "' is not read: " + what + ".")
        .withCode(code);
  }
}
