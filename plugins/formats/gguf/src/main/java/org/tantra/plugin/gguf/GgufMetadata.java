package org.tantra.plugin.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// The key-value section of a header, as texts.
///
/// Strings are taken as they are; numbers in decimal, `true` and `false`; arrays as JSON, of long
/// ones the first 64 elements and how many there are: `["<s>","</s>",…] (32000 in all)`.
final class GgufMetadata {
  static final String ALIGNMENT_KEY = "general.alignment";
  static final int STRING = 8;
  static final int BOOL = 7;
  static final int ARRAY = 9;
  static final int U32 = 4;

  private static final int MAXIMUM_ENTRIES = 1 << 16;
  private static final int MAXIMUM_KEY = 65_535;
  private static final long MAXIMUM_CHARACTERS = 16 << 20;
  private static final int MAXIMUM_NESTING = 4;
  private static final int SHOWN_ELEMENTS = 64;

  private static final int SHOWN_BYTES = 256;

  /// Least bytes of an element by type number; strings and arrays may have more.
  static final int[] LEAST_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

  private final GgufCursor cursor;
  private final Map<String, String> texts = new LinkedHashMap<>();
  private long characters;
  private int shown;
  private long alignment = 32;

  private GgufMetadata(GgufCursor cursor) {
    this.cursor = cursor;
  }

  /// Reads `count` entries; the count fits into the bytes left.
  static GgufMetadata read(GgufCursor cursor, long count) {
    GgufMetadata metadata = new GgufMetadata(cursor);
    if (count > MAXIMUM_ENTRIES) {
      throw cursor.refuse("resource-limit", count + " metadata entries are more than any file's");
    }
    for (long i = 0; i < count; i++) {
      metadata.entry();
    }
    return metadata;
  }

  Map<String, String> texts() {
    return texts;
  }

  /// To what multiple tensors are aligned.
  long alignment() {
    return alignment;
  }

  private void entry() {
    MemorySegment keyBytes = cursor.string();
    if (keyBytes.byteSize() == 0 || keyBytes.byteSize() > MAXIMUM_KEY) {
      throw cursor.refuse("bad-key", "a metadata key has " + keyBytes.byteSize() + " bytes");
    }
    String key = cursor.text(keyBytes, "bad-key");
    int type = cursor.i32();
    String text;
    if (key.equals(ALIGNMENT_KEY)) {
      text = Long.toString(readAlignment(type));
    } else if (type == STRING) {
      text = string();
    } else {
      shown = 0;
      StringBuilder out = new StringBuilder();
      append(type, out, 0);
      text = out.toString();
    }
    characters += key.length() + text.length();
    if (characters > MAXIMUM_CHARACTERS) {
      throw cursor.refuse("resource-limit", "the metadata is longer than any file's");
    }
    if (texts.put(key, text) != null) {
      throw cursor.refuse("duplicate-key", "metadata key '" + key + "' is given twice");
    }
  }

  private String string() {
    MemorySegment bytes = cursor.string();
    if (bytes.byteSize() > MAXIMUM_CHARACTERS) {
      throw cursor.refuse("resource-limit", "a text has " + bytes.byteSize() + " bytes");
    }
    return cursor.text(bytes, "bad-string");
  }

  private long readAlignment(int type) {
    long value = type == U32 ? Integer.toUnsignedLong(cursor.i32()) : 0;
    if (Long.bitCount(value) != 1) {
      throw cursor.refuse("bad-alignment", "the alignment is not a power of two of type u32");
    }
    alignment = value;
    return value;
  }

  private void append(int type, StringBuilder out, int depth) {
    switch (type) {
      case 0 -> out.append(cursor.i8() & 0xff);
      case 1 -> out.append(cursor.i8());
      case 2 -> out.append(cursor.i16() & 0xffff);
      case 3 -> out.append(cursor.i16());
      case U32 -> out.append(Integer.toUnsignedString(cursor.i32()));
      case 5 -> out.append(cursor.i32());
      case 6 -> out.append(Float.intBitsToFloat(cursor.i32()));
      case BOOL -> out.append(bool());
      case STRING -> quote(cursor.string(), out);
      case ARRAY -> array(out, depth);
      case 10 -> out.append(Long.toUnsignedString(cursor.i64()));
      case 11 -> out.append(cursor.i64());
      case 12 -> out.append(Double.longBitsToDouble(cursor.i64()));
      default -> throw cursor.refuse("bad-kv-type", "metadata type " + type + " does not exist");
    }
  }

  private boolean bool() {
    int value = cursor.i8();
    if (value != 0 && value != 1) {
      throw cursor.refuse("bad-bool", "a truth value is " + value);
    }
    return value == 1;
  }

  private void array(StringBuilder out, int depth) {
    if (depth == MAXIMUM_NESTING) {
      throw cursor.refuse("resource-limit", "arrays are nested deeper than " + MAXIMUM_NESTING);
    }
    int type = cursor.i32();
    long count = cursor.i64();
    if (type < 0 || type >= LEAST_BYTES.length) {
      throw cursor.refuse("bad-kv-type", "metadata type " + type + " does not exist");
    }
    if (count < 0 || count > cursor.left() / LEAST_BYTES[type]) {
      throw cursor.refuse(
          "truncated",
          "an array of " + Long.toUnsignedString(count) + " elements does not fit into the file");
    }
    out.append('[');
    long at = 0;
    for (; at < count && shown < SHOWN_ELEMENTS; at++) {
      shown++;
      out.append(at == 0 ? "" : ",");
      append(type, out, depth + 1);
    }
    if (at == count) {
      out.append(']');
    } else {
      out.append(",…] (").append(count).append(" in all)");
      skip(type, count - at, depth);
    }
  }

  private void skip(int type, long count, int depth) {
    if (type != STRING && type != ARRAY) {
      cursor.take(count * LEAST_BYTES[type]);
      return;
    }
    for (long i = 0; i < count; i++) {
      if (type == STRING) {
        cursor.string();
      } else {
        array(new StringBuilder(), depth + 1);
      }
    }
  }

  /// As JSON, cut after some bytes. Tokens of a vocabulary need not be valid UTF-8.
  private static void quote(MemorySegment bytes, StringBuilder out) {
    long length = Math.min(bytes.byteSize(), SHOWN_BYTES);
    byte[] shown = bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    out.append('"');
    for (char c : new String(shown, StandardCharsets.UTF_8).toCharArray()) {
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append(length < bytes.byteSize() ? "…\"" : "\"");
  }
}
