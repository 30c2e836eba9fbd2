package org.tantra.plugin.pytorch;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.DType;

/// The only names a pickle may mention. A name is compared as a whole, at the instruction that
/// mentions it, whether or not it is ever called.
final class AllowList {
  private static final Map<String, DType> STORAGES =
      Map.ofEntries(
          Map.entry("Double", DType.F64),
          Map.entry("Float", DType.F32),
          Map.entry("Half", DType.F16),
          Map.entry("BFloat16", DType.BF16),
          Map.entry("Long", DType.I64),
          Map.entry("Int", DType.I32),
          Map.entry("Short", DType.I16),
          Map.entry("Char", DType.I8),
          Map.entry("Byte", DType.U8),
          Map.entry("Bool", DType.BOOL),
          Map.entry("ComplexFloat", DType.C64),
          Map.entry("ComplexDouble", DType.C128),
          Map.entry("QInt8", DType.QI8),
          Map.entry("QUInt8", DType.QU8),
          Map.entry("QInt32", DType.QI32));

  /// Types by their name in `torch`, in both directions.
  static final Map<String, DType> ELEMENT_TYPES =
      Map.ofEntries(
          Map.entry("float64", DType.F64),
          Map.entry("float32", DType.F32),
          Map.entry("float16", DType.F16),
          Map.entry("bfloat16", DType.BF16),
          Map.entry("int64", DType.I64),
          Map.entry("int32", DType.I32),
          Map.entry("int16", DType.I16),
          Map.entry("int8", DType.I8),
          Map.entry("uint64", DType.U64),
          Map.entry("uint32", DType.U32),
          Map.entry("uint16", DType.U16),
          Map.entry("uint8", DType.U8),
          Map.entry("bool", DType.BOOL),
          Map.entry("complex32", DType.C32),
          Map.entry("complex64", DType.C64),
          Map.entry("complex128", DType.C128),
          Map.entry("float8_e4m3fn", DType.F8_E4M3),
          Map.entry("float8_e5m2", DType.F8_E5M2),
          Map.entry("float8_e4m3fnuz", DType.F8_E4M3FNUZ),
          Map.entry("float8_e5m2fnuz", DType.F8_E5M2FNUZ),
          Map.entry("float8_e8m0fnu", DType.F8_E8M0),
          Map.entry("qint8", DType.QI8),
          Map.entry("quint8", DType.QU8),
          Map.entry("qint32", DType.QI32));

  /// Names that only stand for themselves: types, layouts, quantisation schemes, factories.
  private static final String[] NAMES = {
    "builtins.bool",
    "builtins.dict",
    "builtins.float",
    "builtins.int",
    "builtins.list",
    "builtins.object",
    "builtins.str",
    "builtins.tuple",
    "numpy.ndarray",
    "torch.Tensor",
    "torch.contiguous_format",
    "torch.channels_last",
    "torch.nn.parameter.Buffer",
    "torch.nn.parameter.Parameter",
    "torch.per_channel_affine",
    "torch.per_channel_affine_float_qparams",
    "torch.per_tensor_affine",
    "torch.preserve_format",
    "torch.storage.TypedStorage",
    "torch.strided",
  };

  private static final Pattern WHOLE_OBJECT =
      Pattern.compile("(torch\\.nn|torchvision|transformers|timm|__main__|models?)\\..*");

  private static final Map<String, Value.Symbol> ALLOWED = allowed();

  private AllowList() {}

  private static Map<String, Value.Symbol> allowed() {
    Map<String, Value.Symbol> allowed = new HashMap<>();
    for (Value.Function function : Value.Function.values()) {
      allowed.put(function.global(), function);
    }
    for (String name : NAMES) {
      allowed.put(name, new Value.Name(name));
    }
    ELEMENT_TYPES.forEach(
        (name, dtype) ->
            allowed.put("torch." + name, new Value.ElementType("torch." + name, dtype)));
    STORAGES.forEach(
        (name, dtype) -> {
          for (String module : new String[] {"torch.", "torch.cuda."}) {
            String global = module + name + "Storage";
            allowed.put(global, new Value.StorageClass(global, dtype));
          }
        });
    for (String global : new String[] {"torch.storage.UntypedStorage", "torch.UntypedStorage"}) {
      allowed.put(global, new Value.StorageClass(global, null));
    }
    return Map.copyOf(allowed);
  }

  /// The name as Python 3 and current libraries spell it.
  static String canonical(String module, String name) {
    String current =
        switch (module) {
          case "__builtin__" -> "builtins";
          case "copy_reg" -> "copyreg";
          case "numpy.core.multiarray" -> "numpy._core.multiarray";
          default -> module;
        };
    return current + "." + name;
  }

  /// What an allowed name stands for, or null.
  static Value.@Nullable Symbol find(String global) {
    return ALLOWED.get(global);
  }

  /// Half a sentence on why a name is refused and what to do.
  static String refusal(String global) {
    String asks = "the pickle asks for '" + global + "', which is not a weight type";
    return WHOLE_OBJECT.matcher(global).matches()
        ? asks + "; the file holds a whole Python object, save model.state_dict() instead"
        : asks + "; nothing was run, do not trust this file";
  }

  /// The storage class that [DType] is written with, or null if it needs an untyped one.
  static @Nullable String storageClass(DType dtype) {
    for (Map.Entry<String, DType> entry : STORAGES.entrySet()) {
      if (entry.getValue() == dtype) {
        return entry.getKey() + "Storage";
      }
    }
    return null;
  }
}
