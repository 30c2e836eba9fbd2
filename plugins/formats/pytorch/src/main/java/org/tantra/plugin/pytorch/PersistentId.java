package org.tantra.plugin.pytorch;

import java.util.List;
import org.tantra.api.tensor.DType;

/// A checked reference from a pickle to a storage.
///
/// @param dtype element type by the storage's class; `U8` for untyped ones
/// @param key which storage; text, or an integer in old files
/// @param elements how many elements it should have
record PersistentId(DType dtype, String key, long elements) {
  /// @param count how many parts the layout has: 5 in zip archives, 6 in the legacy stream
  static PersistentId of(List<Value> parts, int count, Refusal refusal) {
    if (parts.size() != count
        || !(parts.get(0) instanceof Value.Text(var tag))
        || !tag.equals("storage")
        || !(parts.get(1) instanceof Value.StorageClass(_, var declared))
        || !(parts.get(3) instanceof Value.Text)) {
      throw refusal.because(
          "bad-persistent-id", "a storage is referred to in another way than torch.save does");
    }
    String key =
        switch (parts.get(2)) {
          case Value.Text(var text) -> text;
          case Value.Int(var number) -> Long.toString(number);
          case Value other ->
              throw refusal.because(
                  "bad-persistent-id", "the key of a storage is a " + other.kind());
        };
    DType dtype = declared == null ? DType.U8 : declared;
    if (!(parts.get(4) instanceof Value.Int(var elements))
        || elements < 0
        || elements > Long.MAX_VALUE / dtype.blockBytes()) {
      throw refusal.because(
          "storage-bounds", "the element count of storage '" + key + "' is out of range");
    }
    return new PersistentId(dtype, key, elements);
  }

  long byteSize() {
    return elements * dtype.blockBytes();
  }

  /// Refuses a storage that is mentioned again as something else.
  void checkSame(Value.StorageView known, Refusal refusal) {
    if (known.dtype() != dtype || known.byteSize() != byteSize()) {
      throw refusal.because(
          "storage-mismatch",
          "storage '"
              + key
              + "' is mentioned as "
              + byteSize()
              + " bytes of "
              + dtype
              + ", earlier as "
              + known.byteSize()
              + " of "
              + known.dtype());
    }
  }
}
