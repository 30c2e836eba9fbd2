package org.tantra.plugin.pytorch;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.DType;

/// What a pickle can build here: inert data. Nothing in it can be called, imported or run.
///
/// Containers compare by identity; they may hold themselves, so nothing here walks them.
sealed interface Value {
  /// One word for messages.
  default String kind() {
    return getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  enum None implements Value {
    NONE
  }

  record Bool(boolean value) implements Value {}

  record Int(long value) implements Value {}

  /// An integer beyond 64 bits.
  record BigInt(BigInteger value) implements Value {}

  record Real(double value) implements Value {}

  record Complex(double real, double imaginary) implements Value {}

  record Text(String value) implements Value {}

  /// Bytes or a byte array; usually a view of the pickle itself.
  record Bytes(MemorySegment content) implements Value {}

  /// A list, tuple or set. Sets keep their order and their duplicates: nobody looks inside them.
  record Items(Kind type, List<Value> items) implements Value {
    enum Kind {
      LIST,
      TUPLE,
      SET
    }

    @Override
    public String kind() {
      return type.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return kind();
    }
  }

  /// A dict in insertion order, or an object whose attributes are read as one.
  final class Dict implements Value {
    /// What a BUILD instruction may do to it.
    enum State {
      /// Nothing.
      PLAIN,
      /// Set attributes, which are not items and are dropped (`_metadata` of a state dict).
      WITH_ATTRIBUTES,
      /// Set the items.
      NAMESPACE
    }

    final State state;

    /// Made on first use: a hostile pickle may hold millions of empty dicts.
    private @Nullable Map<Key, Value> items;

    Dict(State state) {
      this.state = state;
    }

    Map<Key, Value> items() {
      return items == null ? Map.of() : items;
    }

    /// Sets a key; the last value wins and keeps the first one's position, as in Python.
    void put(Key key, Value value) {
      if (items == null) {
        items = new LinkedHashMap<>();
      }
      items.put(key, value);
    }
  }

  /// A dict key: a scalar, or a tuple of such.
  ///
  /// @param type tells the number 1 from the text "1"
  /// @param text how a path shows it
  /// @param parts of a tuple
  record Key(String type, String text, List<Key> parts) {
    private static final int MAXIMUM_PARTS = 16;

    /// The key Python would use, or nothing if the value is not one that weights are keyed by.
    static Optional<Key> of(Value value) {
      if (value instanceof Items tuple && tuple.type == Items.Kind.TUPLE) {
        List<Key> parts = new ArrayList<>();
        for (Value item : tuple.items) {
          Optional<Key> part = item instanceof Items ? Optional.empty() : of(item);
          if (part.isEmpty() || parts.size() == MAXIMUM_PARTS) {
            return Optional.empty();
          }
          parts.add(part.get());
        }
        return Optional.of(
            new Key("tuple", String.join(",", parts.stream().map(Key::text).toList()), parts));
      }
      return switch (value) {
        case Text(var text) -> Optional.of(new Key("text", text, List.of()));
        // Python: 1, 1.0 and True are one key.
        case Int(var number) -> Optional.of(new Key("number", Long.toString(number), List.of()));
        case Bool(var truth) -> Optional.of(new Key("number", truth ? "1" : "0", List.of()));
        case Real(var real) when real == (long) real ->
            Optional.of(new Key("number", Long.toString((long) real), List.of()));
        case Real(var real) -> Optional.of(new Key("number", Double.toString(real), List.of()));
        case None _ -> Optional.of(new Key("none", "None", List.of()));
        case Symbol symbol -> Optional.of(new Key("global", symbol.global(), List.of()));
        default -> Optional.empty();
      };
    }
  }

  /// Part of a storage, seen as elements of one type.
  ///
  /// @param storage the record or region that holds the bytes
  /// @param byteOffset where the part begins in it
  /// @param byteSize its length
  /// @param dtype element type; `U8` for untyped storages
  record StorageView(Storage storage, long byteOffset, long byteSize, DType dtype)
      implements Value {}

  /// A tensor this plugin reads.
  record Tensor(StridedTensor tensor) implements Value {}

  /// A tensor it recognises but cannot read, such as a sparse one.
  record UnreadableTensor(String why) implements Value {}

  /// A NumPy element type; its byte order is set by the BUILD after its construction.
  final class NumpyType implements Value {
    final DType dtype;
    boolean bigEndian;

    NumpyType(DType dtype) {
      this.dtype = dtype;
    }
  }

  /// A NumPy array between its construction and the BUILD that fills it.
  final class NumpyArray implements Value {
    @Nullable StridedTensor content;
  }

  /// A name on the allow list.
  sealed interface Symbol extends Value permits Function, StorageClass, ElementType, Name {
    /// `module.name`, as pickles spell it.
    String global();
  }

  /// Something that may stand in a REDUCE, with exactly the arguments that weights use.
  enum Function implements Symbol {
    ORDERED_DICT("collections.OrderedDict"),
    COUNTER("collections.Counter"),
    DEFAULT_DICT("collections.defaultdict"),
    SET("builtins.set"),
    FROZENSET("builtins.frozenset"),
    COMPLEX("builtins.complex"),
    BYTEARRAY("builtins.bytearray"),
    ENCODE("_codecs.encode"),
    NAMESPACE("argparse.Namespace"),
    SIMPLE_NAMESPACE("types.SimpleNamespace"),
    RECONSTRUCTOR("copyreg._reconstructor"),
    REBUILD_TENSOR("torch._utils._rebuild_tensor"),
    REBUILD_TENSOR_V2("torch._utils._rebuild_tensor_v2"),
    REBUILD_TENSOR_V3("torch._utils._rebuild_tensor_v3"),
    REBUILD_PARAMETER("torch._utils._rebuild_parameter"),
    REBUILD_PARAMETER_WITH_STATE("torch._utils._rebuild_parameter_with_state"),
    REBUILD_DEVICE_TENSOR("torch._utils._rebuild_device_tensor_from_cpu_tensor"),
    REBUILD_QTENSOR("torch._utils._rebuild_qtensor"),
    REBUILD_FROM_TYPE("torch._tensor._rebuild_from_type_v2"),
    REBUILD_SPARSE_TENSOR("torch._utils._rebuild_sparse_tensor"),
    REBUILD_NESTED_TENSOR("torch._utils._rebuild_nested_tensor"),
    REBUILD_META_TENSOR("torch._utils._rebuild_meta_tensor_no_storage"),
    REBUILD_WRAPPER_SUBCLASS("torch._utils._rebuild_wrapper_subclass"),
    REBUILD_FROM_NUMPY("torch._utils._rebuild_device_tensor_from_numpy"),
    SIZE("torch.Size"),
    DEVICE("torch.device"),
    LAYOUT("torch.serialization._get_layout"),
    NUMPY_SCALAR("numpy._core.multiarray.scalar"),
    NUMPY_RECONSTRUCT("numpy._core.multiarray._reconstruct"),
    NUMPY_DTYPE("numpy.dtype");

    private final String global;

    Function(String global) {
      this.global = global;
    }

    @Override
    public String global() {
      return global;
    }
  }

  /// A class of storages.
  ///
  /// @param dtype null if the storage is just bytes
  record StorageClass(String global, @Nullable DType dtype) implements Symbol {}

  /// `torch.float32` and the like.
  record ElementType(String global, DType dtype) implements Symbol {}

  /// An allowed name without any behaviour here.
  record Name(String global) implements Symbol {}

  /// A name outside the allow list, met while only surveying a file.
  record Foreign(String global) implements Value {}
}
