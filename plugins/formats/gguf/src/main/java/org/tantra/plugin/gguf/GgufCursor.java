package org.tantra.plugin.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;

/// Walks over a header. Every read is compared with the bytes left first.
final class GgufCursor {

  private final MemorySegment file;
  private final Refusal refusal;
  private long position;

  GgufCursor(MemorySegment file, Refusal refusal) {
    this.file = file;
    this.refusal = refusal;
  }

  long position() {
    return position;
  }

  long left() {
    return file.byteSize() - position;
  }

  /// The next `length` bytes, not copied; `length` is unsigned.
  MemorySegment take(long length) {
    if (length < 0 || length > left()) {
      throw refuse(
          "truncated",
          Long.toUnsignedString(length) + " more bytes are expected, " + left() + " are left");
    }
    MemorySegment taken = file.asSlice(position, length);
    position += length;
    return taken;
  }

  int i8() {
    return take(1).get(ValueLayout.JAVA_BYTE, 0);
  }

  int i16() {
    return take(2).get(TensorView.BITS16, 0);
  }

  int i32() {
    return take(4).get(TensorView.I32, 0);
  }

  long i64() {
    return take(8).get(TensorView.I64, 0);
  }

  /// A length and as many bytes.
  MemorySegment string() {
    return take(i64());
  }

  /// Strict UTF-8.
  String text(MemorySegment bytes, String code) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.asByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw refuse(code, "a text before this byte is not valid UTF-8");
    }
  }

  TantraException refuse(String code, String what) {
    return refusal.at(position, code, what);
  }
}
