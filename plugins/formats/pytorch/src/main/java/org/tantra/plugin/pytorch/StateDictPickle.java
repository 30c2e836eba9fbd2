package org.tantra.plugin.pytorch;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;

/// Writes the pickle of a flat state dict, in protocol 2 and only with what
/// `torch.load(weights_only=True)` knows.
final class StateDictPickle {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private StateDictPickle() {}

  /// @param storages each tensor, in order, with the key of its storage
  static byte[] of(Map<TensorInfo, Integer> storages) {
    StateDictPickle pickle = new StateDictPickle();
    pickle.put(Opcode.PROTO).write(2);
    pickle.put(Opcode.EMPTY_DICT);
    pickle.put(Opcode.MARK);
    storages.forEach(
        (tensor, key) -> {
          pickle.text(tensor.name());
          pickle.tensor(tensor, Integer.toString(key));
        });
    pickle.put(Opcode.SETITEMS);
    pickle.put(Opcode.STOP);
    return pickle.out.toByteArray();
  }

  private void tensor(TensorInfo tensor, String key) {
    String storageClass = AllowList.storageClass(tensor.dtype());
    boolean typed = storageClass != null;
    global("torch._utils", typed ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3");
    put(Opcode.MARK);
    put(Opcode.MARK);
    text("storage");
    global(
        typed ? "torch" : "torch.storage", storageClass == null ? "UntypedStorage" : storageClass);
    text(key);
    text("cpu");
    integer(typed ? tensor.shape().elements() : tensor.byteSize());
    put(Opcode.TUPLE);
    put(Opcode.BINPERSID);
    integer(0);
    integers(tensor.shape().toArray());
    integers(strides(tensor.shape()));
    put(Opcode.NEWFALSE);
    global("collections", "OrderedDict");
    put(Opcode.EMPTY_TUPLE);
    put(Opcode.REDUCE);
    if (!typed) {
      global("torch", typeName(tensor.dtype()));
    }
    put(Opcode.TUPLE);
    put(Opcode.REDUCE);
  }

  /// Row-major; as in PyTorch, a size of 0 counts as 1.
  private static long[] strides(Shape shape) {
    long[] strides = shape.toArray();
    long stride = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= Math.max(1, shape.size(axis));
    }
    return strides;
  }

  /// The type's name in `torch`.
  private static String typeName(DType dtype) {
    return AllowList.ELEMENT_TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == dtype)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private void integers(long[] values) {
    put(Opcode.MARK);
    for (long value : values) {
      integer(value);
    }
    put(Opcode.TUPLE);
  }

  private void integer(long value) {
    if (value >= 0 && value < 1 << 8) {
      put(Opcode.BININT1).write((int) value);
    } else if (value == (int) value) {
      put(Opcode.BININT);
      littleEndian(value, 4);
    } else {
      put(Opcode.LONG1).write(8);
      littleEndian(value, 8);
    }
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    put(Opcode.BINUNICODE);
    littleEndian(bytes.length, 4);
    out.writeBytes(bytes);
  }

  private void global(String module, String name) {
    put(Opcode.GLOBAL);
    out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private void littleEndian(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >> (8 * i)));
    }
  }

  private ByteArrayOutputStream put(Opcode opcode) {
    out.write(opcode.code);
    return out;
  }
}
