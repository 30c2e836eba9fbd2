package org.tantra.plugin.gguf;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;

/// Everything before the data, read and checked against the size of the file.
///
/// @param version 2 or 3
/// @param metadata the key-value section as texts
/// @param tensors by name, in the order of the header
/// @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">gguf.md</a>
record GgufHeader(int version, Map<String, String> metadata, Map<String, GgufTensor> tensors) {
  static final int MAGIC = 0x46554747;
  static final int MAXIMUM_NAME = 63;
  static final int MAXIMUM_RANK = 4;

  private static final int LEAST_ENTRY = 12;
  private static final int LEAST_TENSOR = 24;
  private static final int MAXIMUM_TENSORS = 1 << 18;
  private static final long MAXIMUM_ALIGNMENT = 1 << 30;

  static GgufHeader read(MemorySegment file, Refusal refusal) {
    GgufCursor cursor = new GgufCursor(file, refusal);
    int version = signature(cursor);
    long tensorCount = cursor.i64();
    long entryCount = cursor.i64();
    checkCount(cursor, "tensors", tensorCount, LEAST_TENSOR);
    checkCount(cursor, "metadata entries", entryCount, LEAST_ENTRY);
    GgufMetadata metadata = GgufMetadata.read(cursor, entryCount);
    checkCount(cursor, "tensors", tensorCount, LEAST_TENSOR);
    if (tensorCount > MAXIMUM_TENSORS) {
      throw cursor.refuse("resource-limit", tensorCount + " tensors are more than any file's");
    }
    Map<String, GgufTensor> tensors = new LinkedHashMap<>();
    for (long i = 0; i < tensorCount; i++) {
      GgufTensor tensor = tensor(cursor, metadata.alignment());
      if (tensors.put(tensor.info().name(), tensor) != null) {
        throw cursor.refuse(
            "duplicate-name", "two tensors are named '" + tensor.info().name() + "'");
      }
    }
    long alignment = metadata.alignment();
    if (alignment > MAXIMUM_ALIGNMENT) {
      throw cursor.refuse("bad-alignment", "an alignment of " + alignment + " is out of range");
    }
    long data = (cursor.position() + alignment - 1) / alignment * alignment;
    tensors.replaceAll((_, tensor) -> placed(tensor, data, file.byteSize(), refusal));
    checkOverlap(tensors, refusal);
    return new GgufHeader(version, metadata.texts(), tensors);
  }

  private static int signature(GgufCursor cursor) {
    if (cursor.left() == 0) {
      throw cursor.refuse("empty-file", "the file is empty; fetch it again");
    }
    int magic = cursor.i32();
    switch (magic) {
      case MAGIC -> {}
      case 0x67676d6c, 0x67676d66, 0x67676a74, 0x67676c61, 0x67676c74 ->
          throw cursor.refuse(
              "unsupported-format",
              "this is a container from before GGUF; convert it with llama.cpp's tools");
      default -> throw cursor.refuse("bad-magic", "the file does not begin with 'GGUF'");
    }
    int version = cursor.i32();
    if ((version & 0xffff) == 0 && version != 0) {
      throw cursor.refuse("big-endian", "the file is big-endian, only little-endian ones are read");
    }
    if (version != 2 && version != 3) {
      throw cursor.refuse("bad-version", "version " + version + " is not read, only 2 and 3");
    }
    return version;
  }

  private static void checkCount(GgufCursor cursor, String what, long count, int least) {
    if (count < 0 || count > cursor.left() / least) {
      throw cursor.refuse(
          "bad-count",
          Long.toUnsignedString(count)
              + " "
              + what
              + " do not fit into the "
              + cursor.left()
              + " bytes left");
    }
  }

  /// A tensor whose offset still counts from the beginning of the data.
  private static GgufTensor tensor(GgufCursor cursor, long alignment) {
    MemorySegment nameBytes = cursor.string();
    if (nameBytes.byteSize() > MAXIMUM_NAME) {
      throw cursor.refuse(
          "bad-name", "a tensor name has " + nameBytes.byteSize() + " bytes, more than 63");
    }
    String name = cursor.text(nameBytes, "bad-name");
    int rank = cursor.i32();
    if (rank < 0 || rank > MAXIMUM_RANK) {
      throw cursor.refuse(
          "bad-shape", "tensor '" + name + "' has " + Integer.toUnsignedString(rank) + " axes");
    }
    long[] sizes = new long[rank];
    for (int axis = rank - 1; axis >= 0; axis--) {
      sizes[axis] = cursor.i64();
      if (sizes[axis] < 0) {
        throw cursor.refuse("bad-shape", "tensor '" + name + "' has a size beyond 63 bits");
      }
    }
    DType dtype = dtype(cursor, name, cursor.i32());
    long row = rank == 0 ? 1 : sizes[rank - 1];
    if (row % dtype.blockElements() != 0) {
      throw cursor.refuse(
          "block-misaligned",
          "a row of tensor '"
              + name
              + "' has "
              + row
              + " elements, "
              + dtype
              + " needs a multiple of "
              + dtype.blockElements());
    }
    long offset = cursor.i64();
    if (offset < 0 || offset % alignment != 0) {
      throw cursor.refuse(
          "bad-offset",
          "tensor '"
              + name
              + "' begins at "
              + Long.toUnsignedString(offset)
              + ", which is no multiple of "
              + alignment);
    }
    try {
      return new GgufTensor(new TensorInfo(name, dtype, Shape.of(sizes)), offset);
    } catch (ArithmeticException e) {
      throw cursor.refuse("shape-overflow", "the size of tensor '" + name + "' overflows 64 bits");
    }
  }

  private static DType dtype(GgufCursor cursor, String name, int number) {
    DType dtype = GgufType.TYPES.get(number);
    if (dtype != null) {
      return dtype;
    }
    String unread = GgufType.unread(number);
    throw unread == null
        ? cursor.refuse("bad-type", "tensor '" + name + "' has unknown type " + number)
        : cursor.refuse(
            "unsupported-type",
            "tensor '" + name + "' has type " + unread + "; requantise the model to another one");
  }

  /// The tensor with its offset in the file, which must hold all of it.
  private static GgufTensor placed(GgufTensor tensor, long data, long fileSize, Refusal refusal) {
    long size = tensor.info().byteSize();
    if (size > 0 && (data > fileSize - size || tensor.offset() > fileSize - size - data)) {
      throw refusal.at(
          fileSize,
          "truncated",
          "tensor '"
              + tensor.info().name()
              + "' has "
              + size
              + " bytes from data offset "
              + tensor.offset()
              + ", the data begins at "
              + data);
    }
    return new GgufTensor(tensor.info(), size == 0 ? 0 : data + tensor.offset());
  }

  private static void checkOverlap(Map<String, GgufTensor> tensors, Refusal refusal) {
    List<GgufTensor> placed = new ArrayList<>(tensors.values());
    placed.removeIf(tensor -> tensor.info().byteSize() == 0);
    placed.sort(Comparator.comparingLong(GgufTensor::offset));
    for (int i = 1; i < placed.size(); i++) {
      GgufTensor before = placed.get(i - 1);
      GgufTensor tensor = placed.get(i);
      if (tensor.offset() < before.end()) {
        throw refusal.at(
            tensor.offset(),
            "offset-overlap",
            "tensors '" + before.info().name() + "' and '" + tensor.info().name() + "' overlap");
      }
    }
  }
}
