package org.tantra.plugin.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorInfo;

/// Spells a header as the reference library does: no white space but the padding to eight bytes,
/// metadata first and only if there is any. The reference writes metadata keys in the random order
/// of a hash table; here they are sorted, so that equal sources give equal bytes.
final class HeaderText {
  /// Text in the order of its UTF-8 bytes. `String.compareTo` differs: it puts U+1F600 before
  /// U+FFFF.
  static final Comparator<String> UTF8_ORDER =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private static final int ALIGNMENT = 8;

  private final StringBuilder json = new StringBuilder("{");

  private HeaderText() {}

  /// The length and the JSON of a header.
  ///
  /// @param tensors in the order of their bytes, which follow one another
  /// @throws TantraException `UNSUPPORTED` if a text is no Unicode or the header becomes too long
  static byte[] of(Map<String, String> metadata, List<TensorInfo> tensors) {
    HeaderText text = new HeaderText();
    if (!metadata.isEmpty()) {
      text.metadata(metadata);
    }
    long begin = 0;
    for (TensorInfo info : tensors) {
      long end = Math.addExact(begin, info.byteSize());
      text.tensor(info, begin, end);
      begin = end;
    }
    return text.padded();
  }

  private void metadata(Map<String, String> metadata) {
    Map<String, String> sorted = new TreeMap<>(UTF8_ORDER);
    sorted.putAll(metadata);
    member(SafetensorsHeader.METADATA);
    json.append('{');
    sorted.forEach(
        (key, value) -> {
          member(key);
          string(value);
        });
    json.append('}');
  }

  private void tensor(TensorInfo info, long begin, long end) {
    member(info.name());
    json.append("{\"dtype\":\"").append(info.dtype()).append("\",\"shape\":[");
    for (int axis = 0; axis < info.shape().rank(); axis++) {
      json.append(axis == 0 ? "" : ",").append(info.shape().size(axis));
    }
    json.append("],\"data_offsets\":[").append(begin).append(',').append(end).append("]}");
  }

  /// A comma if one is due, and the name of the next member.
  private void member(String name) {
    if (json.charAt(json.length() - 1) != '{') {
      json.append(',');
    }
    string(name);
    json.append(':');
  }

  private void string(String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char symbol = text.charAt(i);
      switch (symbol) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (symbol < 0x20) {
            json.append("\\u00").append(symbol < 0x10 ? '0' : '1');
            json.append(Character.forDigit(symbol & 0xf, 16));
          } else {
            json.append(symbol);
          }
        }
      }
    }
    json.append('"');
  }

  private byte[] padded() {
    ByteBuffer utf8 = utf8(json.append('}'));
    int padding = Math.floorMod(-utf8.remaining(), ALIGNMENT);
    int length = utf8.remaining() + padding;
    if (length > SafetensorsHeader.MAXIMUM_BYTES) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "The safetensors header would take %d bytes, the format allows %d. Write several shards."
              .formatted(length, SafetensorsHeader.MAXIMUM_BYTES));
    }
    byte[] header = new byte[SafetensorsHeader.LENGTH_BYTES + length];
    Arrays.fill(header, (byte) ' ');
    ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(utf8);
    return header;
  }

  private static ByteBuffer utf8(CharSequence text) {
    try {
      return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    } catch (CharacterCodingException e) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "safetensors cannot hold these weights: a name or a metadata text is no Unicode, it has"
              + " half a surrogate pair. Rename it.",
          e);
    }
  }
}
