package org.tantra.plugin.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;

/// Writes version 3 in the strict form that llama.cpp loads: tensors in the order of their infos,
/// each padded to 32 bytes, the last one too. Metadata are written as strings, but what describes a
/// model with its types.
final class GgufWriter {
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final int MAXIMUM_KEY = 65_535;

  private final WritableByteChannel channel;
  private long position;

  private GgufWriter(WritableByteChannel channel) {
    this.channel = channel;
  }

  static void write(WritableByteChannel channel, WeightSource source) throws IOException {
    source.tensors().forEach(GgufWriter::check);
    Map<String, Object> metadata = new LinkedHashMap<>(source.metadata());
    metadata.putAll(source.attributes().asMap());
    // Says how another file is laid out.
    metadata.remove(GgufMetadata.ALIGNMENT_KEY);
    for (String key : metadata.keySet()) {
      if (key.isEmpty() || utf8(key).length > MAXIMUM_KEY) {
        throw refuse("Metadata key '" + key + "'", "is empty or too long for GGUF");
      }
    }
    GgufWriter writer = new GgufWriter(channel);
    writer.write(header(metadata, source));
    writer.pad();
    for (TensorInfo tensor : source.tensors()) {
      writer.position += source.copyTo(tensor.name(), channel);
      writer.pad();
    }
  }

  private static void check(TensorInfo tensor) {
    String weight = "Weight '" + tensor.name() + "'";
    Shape shape = tensor.shape();
    if (GgufType.number(tensor.dtype()) < 0) {
      throw refuse(weight, "has type " + tensor.dtype() + ", which GGUF does not hold");
    }
    if (utf8(tensor.name()).length > GgufHeader.MAXIMUM_NAME
        || !StandardCharsets.UTF_8.newEncoder().canEncode(tensor.name())) {
      throw refuse(weight, "has a name of more than 63 bytes or not valid Unicode");
    }
    if (shape.rank() > GgufHeader.MAXIMUM_RANK) {
      throw refuse(weight, "has " + shape.rank() + " axes, GGUF holds at most 4");
    }
    if (shape.rank() > 0 && shape.size(-1) % tensor.dtype().blockElements() != 0) {
      throw refuse(weight, "has rows of " + shape.size(-1) + " that do not fill whole blocks");
    }
  }

  private static TantraException refuse(String what, String why) {
    return new TantraException(ErrorKind.UNSUPPORTED, what + " " + why + ".")
        .withCode("unsupported-tensor");
  }

  private static ByteBuffer header(Map<String, Object> metadata, WeightSource source) {
    GgufValues values = new GgufValues();
    metadata.forEach(values::entry);
    byte[] entries = values.bytes();
    int size = Math.addExact(24, entries.length);
    for (TensorInfo tensor : source.tensors()) {
      size = Math.addExact(size, 24 + utf8(tensor.name()).length + 8 * tensor.shape().rank());
    }
    ByteBuffer header = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(GgufHeader.MAGIC).putInt(VERSION);
    header.putLong(source.tensors().size()).putLong(metadata.size());
    header.put(entries);
    long offset = 0;
    for (TensorInfo tensor : source.tensors()) {
      string(header, tensor.name());
      header.putInt(tensor.shape().rank());
      for (int axis = tensor.shape().rank() - 1; axis >= 0; axis--) {
        header.putLong(tensor.shape().size(axis));
      }
      header.putInt(GgufType.number(tensor.dtype())).putLong(offset);
      offset = Math.addExact(offset, aligned(tensor.byteSize()));
    }
    return header.flip();
  }

  private static void string(ByteBuffer out, String text) {
    byte[] bytes = utf8(text);
    out.putLong(bytes.length).put(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static long aligned(long size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private void pad() throws IOException {
    write(ByteBuffer.allocate((int) (aligned(position) - position)));
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      position += channel.write(bytes);
    }
  }
}
