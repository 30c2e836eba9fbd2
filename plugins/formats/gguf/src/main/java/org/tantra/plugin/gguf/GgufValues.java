package org.tantra.plugin.gguf;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes the key-value section: whole numbers as u32 or, where they do not fit, i32, i64 or u64;
/// others as f32 if they are its shortest form, otherwise f64.
final class GgufValues {
  private static final int I32 = 5;
  private static final int F32 = 6;
  private static final int U64 = 10;
  private static final int I64 = 11;
  private static final int F64 = 12;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  byte[] bytes() {
    return out.toByteArray();
  }

  void entry(String key, Object value) {
    text(key);
    if (value instanceof List<?> list) {
      int type = elementType(list);
      i32(GgufMetadata.ARRAY);
      i32(type);
      i64(list.size());
      list.forEach(item -> put(type, item));
    } else {
      int type = type(value);
      i32(type);
      put(type, value);
    }
  }

  /// One for all elements; a list of nothing is one of whole numbers.
  private static int elementType(List<?> list) {
    int widest = I32;
    for (Object item : list) {
      int type = type(item);
      widest = type == GgufMetadata.U32 ? widest : Math.max(widest, type);
    }
    return widest;
  }

  private static int type(Object value) {
    return switch (value) {
      case Boolean _ -> GgufMetadata.BOOL;
      case Integer number -> number < 0 ? I32 : GgufMetadata.U32;
      case Long _ -> I64;
      case BigInteger _ -> U64;
      case Double number ->
          Double.parseDouble(Float.toString(number.floatValue())) == number ? F32 : F64;
      default -> GgufMetadata.STRING;
    };
  }

  private void put(int type, Object value) {
    switch (type) {
      case GgufMetadata.BOOL -> out.write(Boolean.TRUE.equals(value) ? 1 : 0);
      case GgufMetadata.U32, I32 -> i32(((Number) value).intValue());
      case I64, U64 -> i64(((Number) value).longValue());
      case F32 -> i32(Float.floatToRawIntBits(((Number) value).floatValue()));
      case F64 -> i64(Double.doubleToRawLongBits(((Number) value).doubleValue()));
      default -> text(String.valueOf(value));
    }
  }

  private void i32(int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private void i64(long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    i64(utf8.length);
    out.writeBytes(utf8);
  }
}
