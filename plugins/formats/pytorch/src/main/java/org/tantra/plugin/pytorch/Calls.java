package org.tantra.plugin.pytorch;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.TantraException;

/// What the allowed functions would return, for the argument patterns that weights use. Nothing is
/// called: each case only puts values together.
final class Calls {
  private final Refusal refusal;
  private final HeapBudget budget;
  private final TensorRebuild rebuild;
  private final NumpyValues numpy;

  Calls(Refusal refusal, HeapBudget budget) {
    this.refusal = refusal;
    this.budget = budget;
    this.rebuild = new TensorRebuild(refusal);
    this.numpy = new NumpyValues(refusal);
  }

  /// REDUCE: `callee(*args)`.
  Value call(Value callee, Value arguments) {
    if (callee instanceof Value.Foreign) {
      return callee;
    }
    if (callee instanceof Value.Function function
        && arguments instanceof Value.Items(var kind, var args)
        && kind == Value.Items.Kind.TUPLE) {
      return call(function, args);
    }
    String what = callee instanceof Value.Symbol s ? "'" + s.global() + "'" : "a " + callee.kind();
    throw forbidden("the pickle calls " + what);
  }

  private Value call(Value.Function function, List<Value> args) {
    return switch (function) {
      case ORDERED_DICT -> orderedDict(args);
      case COUNTER -> counter(args);
      case DEFAULT_DICT -> defaultDict(args);
      case SET, FROZENSET -> set(function, args);
      case COMPLEX -> complex(args);
      case BYTEARRAY -> bytes(args);
      case ENCODE -> encode(args);
      case SIMPLE_NAMESPACE -> empty(function, args, Value.Dict.State.NAMESPACE);
      case RECONSTRUCTOR -> reconstruct(args);
      case REBUILD_TENSOR -> rebuild.v1(args);
      case REBUILD_TENSOR_V2 -> rebuild.v2(args);
      case REBUILD_TENSOR_V3 -> rebuild.v3(args);
      case REBUILD_QTENSOR -> rebuild.quantized(args);
      case REBUILD_PARAMETER -> wrapped(function, args, 3);
      case REBUILD_PARAMETER_WITH_STATE -> wrapped(function, args, 4);
      case REBUILD_DEVICE_TENSOR -> deviceTensor(args);
      case REBUILD_FROM_TYPE -> fromType(args);
      case REBUILD_SPARSE_TENSOR -> new Value.UnreadableTensor("is sparse");
      case REBUILD_NESTED_TENSOR -> new Value.UnreadableTensor("is nested");
      case REBUILD_META_TENSOR -> new Value.UnreadableTensor("has no data (device 'meta')");
      case REBUILD_WRAPPER_SUBCLASS -> new Value.UnreadableTensor("wraps other tensors");
      case REBUILD_FROM_NUMPY -> new Value.UnreadableTensor("is of a foreign device");
      case SIZE -> size(args);
      case DEVICE, LAYOUT -> text(function, args);
      case NUMPY_DTYPE -> numpy.type(args);
      case NUMPY_SCALAR -> numpy.scalar(args);
      case NUMPY_RECONSTRUCT -> numpy.array(args);
      case NAMESPACE -> throw wrong(function);
    };
  }

  /// NEWOBJ: an empty instance of a class.
  Value create(Value type, Value arguments) {
    if (type instanceof Value.Foreign) {
      return type;
    }
    if (type instanceof Value.Function function
        && arguments instanceof Value.Items(_, var args)
        && args.isEmpty()) {
      Value.Dict.State state =
          switch (function) {
            case ORDERED_DICT -> Value.Dict.State.WITH_ATTRIBUTES;
            case NAMESPACE, SIMPLE_NAMESPACE -> Value.Dict.State.NAMESPACE;
            default -> null;
          };
      if (state != null) {
        return new Value.Dict(state);
      }
    }
    throw forbidden("the pickle creates an instance of " + type.kind());
  }

  /// BUILD: sets the state of an object just made.
  void build(Value target, Value state) {
    switch (target) {
      case Value.Foreign _ -> {}
      case Value.NumpyType type -> numpy.setState(type, state);
      case Value.NumpyArray array -> numpy.setState(array, state);
      case Value.Dict dict
          when dict.state == Value.Dict.State.NAMESPACE && state instanceof Value.Dict items ->
          putAll(dict, items.items());
      case Value.Dict dict
          when dict.state == Value.Dict.State.WITH_ATTRIBUTES && state instanceof Value.Dict -> {}
      default ->
          throw forbidden(
              "the pickle sets the state of a " + target.kind() + " from a " + state.kind());
    }
  }

  /// `()` or `([(key, value), …])`.
  private Value orderedDict(List<Value> args) {
    Value.Dict dict = new Value.Dict(Value.Dict.State.WITH_ATTRIBUTES);
    if (args.isEmpty()) {
      return dict;
    }
    if (args.size() != 1 || !(args.getFirst() instanceof Value.Items(_, var pairs))) {
      throw wrong(Value.Function.ORDERED_DICT);
    }
    for (Value pair : pairs) {
      if (!(pair instanceof Value.Items(_, var items)) || items.size() != 2) {
        throw wrong(Value.Function.ORDERED_DICT);
      }
      put(dict, items.get(0), items.get(1));
    }
    return dict;
  }

  private Value counter(List<Value> args) {
    Value.Dict dict = new Value.Dict(Value.Dict.State.PLAIN);
    if (args.size() == 1 && args.getFirst() instanceof Value.Dict counts) {
      putAll(dict, counts.items());
    } else if (!args.isEmpty()) {
      throw wrong(Value.Function.COUNTER);
    }
    return dict;
  }

  private Value defaultDict(List<Value> args) {
    boolean plain =
        args.isEmpty()
            || (args.size() == 1
                && (args.getFirst() instanceof Value.Symbol || args.getFirst() == Value.None.NONE));
    if (!plain) {
      throw wrong(Value.Function.DEFAULT_DICT);
    }
    return new Value.Dict(Value.Dict.State.PLAIN);
  }

  private Value empty(Value.Function function, List<Value> args, Value.Dict.State state) {
    if (!args.isEmpty()) {
      throw wrong(function);
    }
    return new Value.Dict(state);
  }

  /// `(class, object, None)`: how protocols 0 and 1 create an instance.
  private Value reconstruct(List<Value> args) {
    if (args.size() != 3
        || !(args.get(1) instanceof Value.Name(var base))
        || !base.equals("builtins.object")
        || args.get(2) != Value.None.NONE) {
      throw wrong(Value.Function.RECONSTRUCTOR);
    }
    return create(args.get(0), new Value.Items(Value.Items.Kind.TUPLE, List.of()));
  }

  private Value set(Value.Function function, List<Value> args) {
    if (args.size() > 1) {
      throw wrong(function);
    }
    if (args.isEmpty()) {
      return new Value.Items(Value.Items.Kind.SET, new ArrayList<>());
    }
    if (!(args.getFirst() instanceof Value.Items(_, var items))) {
      throw wrong(function);
    }
    budget.take(8L * items.size());
    return new Value.Items(Value.Items.Kind.SET, new ArrayList<>(items));
  }

  private Value complex(List<Value> args) {
    if (args.size() != 2) {
      throw wrong(Value.Function.COMPLEX);
    }
    return new Value.Complex(real(args.get(0)), real(args.get(1)));
  }

  private double real(Value value) {
    return switch (value) {
      case Value.Real(var real) -> real;
      case Value.Int(var number) -> number;
      default -> throw wrong(Value.Function.COMPLEX);
    };
  }

  private Value bytes(List<Value> args) {
    if (args.isEmpty()) {
      return new Value.Bytes(MemorySegment.ofArray(new byte[0]));
    }
    if (args.size() == 1 && args.getFirst() instanceof Value.Bytes bytes) {
      return bytes;
    }
    throw wrong(Value.Function.BYTEARRAY);
  }

  /// `(text, 'latin1')`: how protocol 2 spells bytes.
  private Value encode(List<Value> args) {
    if (args.size() != 2
        || !(args.get(0) instanceof Value.Text(var text))
        || !(args.get(1) instanceof Value.Text(var charset))
        || !charset.equals("latin1")
        || text.chars().anyMatch(c -> c > 0xff)) {
      throw wrong(Value.Function.ENCODE);
    }
    budget.take(text.length());
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return new Value.Bytes(MemorySegment.ofArray(bytes).asReadOnly());
  }

  private Value size(List<Value> args) {
    if (args.size() == 1 && args.getFirst() instanceof Value.Items(_, var sizes)) {
      return new Value.Items(Value.Items.Kind.TUPLE, sizes);
    }
    throw wrong(Value.Function.SIZE);
  }

  /// A device or a layout: its name is all there is to it.
  private Value text(Value.Function function, List<Value> args) {
    boolean fits =
        args.size() == 1
            || (args.size() == 2
                && function == Value.Function.DEVICE
                && args.get(1) instanceof Value.Int);
    if (!fits || !(args.getFirst() instanceof Value.Text)) {
      throw wrong(function);
    }
    return args.getFirst();
  }

  /// A parameter is the tensor it wraps, whatever its hooks and state.
  private Value wrapped(Value.Function function, List<Value> args, int count) {
    if (args.size() != count || !isTensor(args.getFirst())) {
      throw refusal.because(
          "bad-tensor", "'" + function.global() + "' has arguments that weights never use");
    }
    return args.getFirst();
  }

  /// `(data, dtype, device, requires_grad)`.
  private Value deviceTensor(List<Value> args) {
    if (args.size() == 4
        && args.get(0) instanceof Value.Tensor(var tensor)
        && args.get(1) instanceof Value.ElementType(_, var dtype)
        && tensor.dtype() == dtype) {
      return args.get(0);
    }
    throw refusal.because("bad-tensor", "a device tensor is rebuilt from unknown arguments");
  }

  /// `(function, type, args, state)`.
  private Value fromType(List<Value> args) {
    if (args.size() == 4
        && args.get(0) instanceof Value.Function function
        && function.name().startsWith("REBUILD_")
        && function != Value.Function.REBUILD_FROM_TYPE
        && args.get(1) instanceof Value.Name(var type)
        && (type.equals("torch.Tensor") || type.startsWith("torch.nn.parameter."))) {
      return call(function, args.get(2));
    }
    throw wrong(Value.Function.REBUILD_FROM_TYPE);
  }

  private static boolean isTensor(Value value) {
    return value instanceof Value.Tensor || value instanceof Value.UnreadableTensor;
  }

  /// Sets an item of a dict.
  void put(Value.Dict dict, Value key, Value value) {
    Value.@Nullable Key known = Value.Key.of(key).orElse(null);
    if (known == null) {
      throw refusal.because("malformed-pickle", "a dict has a " + key.kind() + " as its key");
    }
    budget.take(HeapBudget.DICT_ITEM);
    dict.put(known, value);
  }

  private void putAll(Value.Dict dict, Map<Value.Key, Value> items) {
    budget.take(HeapBudget.DICT_ITEM * items.size());
    items.forEach(dict::put);
  }

  private TantraException wrong(Value.Function function) {
    return forbidden("'" + function.global() + "' is called in a way that weights never use");
  }

  private TantraException forbidden(String what) {
    return refusal.because("forbidden-call", what + "; nothing was run, do not trust this file");
  }
}
