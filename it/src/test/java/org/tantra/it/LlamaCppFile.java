package org.tantra.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A GGUF file as llama.cpp's conversion writes it: typed metadata, matrices as F32 or Q8_0.
final class LlamaCppFile {
  private static final int ALIGNMENT = 32;
  private static final int F32 = 0;
  private static final int Q8_0 = 8;
  private static final int BLOCK = 32;

  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final List<Tensor> tensors = new ArrayList<>();

  private record Tensor(String name, List<Integer> shape, int type, ByteBuffer bytes) {}

  /// Integers become u32, doubles f32, lists arrays of strings or i32.
  LlamaCppFile with(String key, Object value) {
    metadata.put(key, value);
    return this;
  }

  /// @param shape outermost first
  LlamaCppFile with(String name, float[] values, int... shape) {
    ByteBuffer bytes = little(4 * values.length);
    for (float value : values) {
      bytes.putFloat(value);
    }
    tensors.add(new Tensor(name, axes(shape), F32, bytes.flip()));
    return this;
  }

  /// As blocks of 32 signed bytes behind a half-precision scale.
  LlamaCppFile withBlocks(String name, float[] values, int... shape) {
    ByteBuffer bytes = little(values.length / BLOCK * (BLOCK + 2));
    for (int from = 0; from < values.length; from += BLOCK) {
      float scale = scale(values, from);
      bytes.putShort(Float.floatToFloat16(scale));
      for (int i = from; i < from + BLOCK; i++) {
        bytes.put((byte) Math.round(values[i] / scale));
      }
    }
    tensors.add(new Tensor(name, axes(shape), Q8_0, bytes.flip()));
    return this;
  }

  /// The numbers that [#withBlocks] keeps.
  static float[] rounded(float[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      float scale = scale(values, i / BLOCK * BLOCK);
      float stored = Float.float16ToFloat(Float.floatToFloat16(scale));
      rounded[i] = Math.round(values[i] / scale) * stored;
    }
    return rounded;
  }

  private static float scale(float[] values, int from) {
    float largest = Float.MIN_NORMAL;
    for (int i = from; i < from + BLOCK; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest / 127;
  }

  private static List<Integer> axes(int... shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  void write(Path file) throws IOException {
    Out out = new Out();
    out.bytes.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.u32(3).u64(tensors.size()).u64(metadata.size());
    metadata.forEach(
        (key, value) -> {
          out.string(key);
          out.typed(value);
        });
    long offset = 0;
    for (Tensor tensor : tensors) {
      out.string(tensor.name()).u32(tensor.shape().size());
      tensor.shape().reversed().forEach(size -> out.u64(size));
      out.u32(tensor.type()).u64(offset);
      offset += (tensor.bytes().remaining() + ALIGNMENT - 1L) / ALIGNMENT * ALIGNMENT;
    }
    out.pad();
    for (Tensor tensor : tensors) {
      out.raw(tensor.bytes());
      out.pad();
    }
    Files.write(file, out.bytes.toByteArray());
  }

  private static final class Out {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Out u32(int value) {
      return raw(little(4).putInt(value).flip());
    }

    Out u64(long value) {
      return raw(little(8).putLong(value).flip());
    }

    Out raw(ByteBuffer from) {
      byte[] copy = new byte[from.remaining()];
      from.get(copy);
      bytes.writeBytes(copy);
      return this;
    }

    Out string(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      u64(utf8.length);
      bytes.writeBytes(utf8);
      return this;
    }

    void typed(Object value) {
      switch (value) {
        case Integer number -> u32(4).u32(number);
        case Double number -> u32(6).u32(Float.floatToIntBits(number.floatValue()));
        case Boolean flag -> {
          u32(7);
          bytes.write(flag ? 1 : 0);
        }
        case String text -> u32(8).string(text);
        case List<?> list -> {
          boolean texts = list.getFirst() instanceof String;
          u32(9).u32(texts ? 8 : 5).u64(list.size());
          for (Object item : list) {
            if (texts) {
              string(String.valueOf(item));
            } else {
              u32((Integer) item);
            }
          }
        }
        default -> throw new IllegalArgumentException(value.toString());
      }
    }

    void pad() {
      while (bytes.size() % ALIGNMENT != 0) {
        bytes.write(0);
      }
    }
  }
}
