package org.tantra.plugin.pytorch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.TensorView;

/// A cursor over the bytes of pickles. Every read is compared with the bytes left first.
final class PickleInput {
  private static final ValueLayout.OfDouble F64_BIG_ENDIAN =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int MAXIMUM_LINE = 1 << 16;

  private final MemorySegment memory;
  private Refusal refusal;
  private long position;

  PickleInput(MemorySegment memory, Refusal refusal) {
    this.memory = memory;
    this.refusal = refusal;
  }

  /// From now on errors are made by another refusal.
  PickleInput reportingTo(Refusal refusal) {
    this.refusal = refusal;
    return this;
  }

  long position() {
    return position;
  }

  long left() {
    return memory.byteSize() - position;
  }

  /// The next `length` bytes, not copied. `length` is unsigned.
  MemorySegment take(long length) {
    if (length < 0 || length > left()) {
      throw refusal.because(
          "truncated",
          "the pickle asks for "
              + Long.toUnsignedString(length)
              + " more bytes, only "
              + left()
              + " are left");
    }
    MemorySegment taken = memory.asSlice(position, length);
    position += length;
    return taken;
  }

  /// Declares that `length` more bytes must be there; nothing is read.
  void expect(long length) {
    long before = position;
    take(length);
    position = before;
  }

  int u8() {
    return take(1).get(ValueLayout.JAVA_BYTE, 0) & 0xff;
  }

  int u16() {
    return u8() | u8() << 8;
  }

  int i32() {
    return take(4).get(TensorView.I32, 0);
  }

  long u32() {
    return Integer.toUnsignedLong(i32());
  }

  long i64() {
    return take(8).get(TensorView.I64, 0);
  }

  double f64BigEndian() {
    return take(8).get(F64_BIG_ENDIAN, 0);
  }

  /// The bytes up to the next line feed, each as the character of that value.
  String line() {
    StringBuilder line = new StringBuilder();
    for (int next = u8(); next != '\n'; next = u8()) {
      if (line.length() == MAXIMUM_LINE) {
        throw refusal.because("malformed-pickle", "a text argument is endless");
      }
      line.append((char) next);
    }
    return line.toString();
  }

  /// UTF-8 as Python writes it: lone surrogates are encoded like other characters.
  String text(MemorySegment bytes) {
    String text = strictText(bytes);
    if (text == null) {
      text = textWithSurrogates(bytes);
    }
    if (text == null) {
      throw refusal.because("malformed-pickle", "a string is not valid UTF-8");
    }
    return text;
  }

  /// Strict UTF-8, or null if the bytes are something else.
  static @Nullable String strictText(MemorySegment bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.asByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static @Nullable String textWithSurrogates(MemorySegment bytes) {
    StringBuilder text = new StringBuilder();
    ByteBuffer in = bytes.asByteBuffer();
    while (in.hasRemaining()) {
      int start = in.position();
      int length = 1;
      while (start + length < in.limit() && (in.get(start + length) & 0xc0) == 0x80) {
        length++;
      }
      int first = in.get(start) & 0xff;
      int second = length > 1 ? in.get(start + 1) & 0xff : 0;
      if (first == 0xed && length == 3 && second >= 0xa0) {
        text.append((char) (0xd000 | ((second & 0x3f) << 6) | (in.get(start + 2) & 0x3f)));
      } else {
        String character = strictText(bytes.asSlice(start, length));
        if (character == null) {
          return null;
        }
        text.append(character);
      }
      in.position(start + length);
    }
    return text.toString();
  }
}
