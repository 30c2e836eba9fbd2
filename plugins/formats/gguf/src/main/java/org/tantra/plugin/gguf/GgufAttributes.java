package org.tantra.plugin.gguf;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Settings;

/// The key-value section of a file that describes a model, with types: whole vocabularies, and
/// numbers as numbers. Nothing if there is no `general.architecture`, as in files made from others.
///
/// Arrays of arrays, and arrays longer than any vocabulary, are left out. A token need not be valid
/// UTF-8; what is not becomes U+FFFD.
final class GgufAttributes {
  private static final String ARCHITECTURE = "general.architecture";
  private static final int MAXIMUM_ELEMENTS = 1 << 21;
  private static final long MAXIMUM_BYTES = 64 << 20;

  /// Bytes of magic, version and the two counts.
  private static final int BEGINNING = 24;

  private final GgufCursor cursor;
  private long elements;
  private long textBytes;

  private GgufAttributes(GgufCursor cursor) {
    this.cursor = cursor;
  }

  /// @param file a whole file whose header was read before
  static Settings read(MemorySegment file, String name) {
    GgufCursor cursor = new GgufCursor(file, new Refusal(name));
    cursor.take(BEGINNING - Long.BYTES);
    long count = cursor.i64();
    GgufAttributes attributes = new GgufAttributes(cursor);
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      String key = cursor.text(cursor.string(), "bad-key");
      values.put(key, attributes.value(cursor.i32()));
    }
    return values.containsKey(ARCHITECTURE) ? Settings.of(name, values) : Settings.empty(name);
  }

  private @Nullable Object value(int type) {
    return switch (type) {
      case 0 -> cursor.i8() & 0xff;
      case 1 -> cursor.i8();
      case 2 -> cursor.i16() & 0xffff;
      case 3 -> (int) (short) cursor.i16();
      case GgufMetadata.U32 -> whole(Integer.toUnsignedLong(cursor.i32()));
      case 5 -> cursor.i32();
      case 6 -> shortest(Float.intBitsToFloat(cursor.i32()));
      case GgufMetadata.BOOL -> cursor.i8() == 1;
      case GgufMetadata.STRING -> text();
      case GgufMetadata.ARRAY -> array();
      case 10 -> unsigned(cursor.i64());
      case 11 -> whole(cursor.i64());
      case 12 -> Double.longBitsToDouble(cursor.i64());
      default -> throw cursor.refuse("bad-kv-type", "metadata type " + type + " does not exist");
    };
  }

  private static Object whole(long value) {
    if (value == (int) value) {
      return (int) value;
    }
    return value;
  }

  private static Object unsigned(long value) {
    return value < 0 ? new BigInteger(Long.toUnsignedString(value)) : whole(value);
  }

  /// The number that was meant: 1e-5, not 9.99999974737875e-6.
  private static double shortest(float value) {
    return Double.parseDouble(Float.toString(value));
  }

  private String text() {
    MemorySegment bytes = cursor.string();
    textBytes += bytes.byteSize();
    if (textBytes > MAXIMUM_BYTES) {
      throw cursor.refuse("resource-limit", "the texts are longer than any file's");
    }
    return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private @Nullable List<Object> array() {
    int type = cursor.i32();
    long count = cursor.i64();
    elements += count;
    if (type == GgufMetadata.ARRAY || elements > MAXIMUM_ELEMENTS) {
      elements -= count;
      skip(type, count);
      return null;
    }
    List<Object> list = new ArrayList<>(Math.toIntExact(count));
    for (long i = 0; i < count; i++) {
      list.add(requireNonNull(value(type)));
    }
    return list;
  }

  private void skip(int type, long count) {
    if (type != GgufMetadata.STRING && type != GgufMetadata.ARRAY) {
      cursor.take(count * GgufMetadata.LEAST_BYTES[type]);
      return;
    }
    for (long i = 0; i < count; i++) {
      if (type == GgufMetadata.STRING) {
        cursor.string();
      } else {
        skip(cursor.i32(), cursor.i64());
      }
    }
  }
}
