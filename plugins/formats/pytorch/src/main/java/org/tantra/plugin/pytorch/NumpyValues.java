package org.tantra.plugin.pytorch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// NumPy scalars and arrays that stand in a pickle next to tensors. Their bytes are inline.
final class NumpyValues {
  private static final int MAXIMUM_RANK = 64;

  private final Refusal refusal;

  NumpyValues(Refusal refusal) {
    this.refusal = refusal;
  }

  /// `numpy.dtype(code, align, copy)`.
  Value type(List<Value> args) {
    if (args.size() != 3 || !(args.getFirst() instanceof Value.Text(var code))) {
      throw wrong("dtype");
    }
    DType dtype =
        switch (code) {
          case "f2" -> DType.F16;
          case "f4" -> DType.F32;
          case "f8" -> DType.F64;
          case "i1" -> DType.I8;
          case "i2" -> DType.I16;
          case "i4" -> DType.I32;
          case "i8" -> DType.I64;
          case "u1" -> DType.U8;
          case "u2" -> DType.U16;
          case "u4" -> DType.U32;
          case "u8" -> DType.U64;
          case "b1" -> DType.BOOL;
          case "c8" -> DType.C64;
          case "c16" -> DType.C128;
          default ->
              throw refusal.because(
                  "unsupported-dtype", "a NumPy value has type '" + code + "', which is no number");
        };
    return new Value.NumpyType(dtype);
  }

  /// State `(version, order, …)`; the rest describes structures and sub-arrays.
  void setState(Value.NumpyType type, Value state) {
    if (!(state instanceof Value.Items(_, var items))
        || items.size() < 5
        || !(items.get(1) instanceof Value.Text(var order))
        || items.subList(2, 5).stream().anyMatch(item -> item != Value.None.NONE)) {
      throw wrong("dtype");
    }
    type.bigEndian =
        switch (order) {
          case "<", "|" -> false;
          case ">" -> true;
          default -> throw wrong("dtype");
        };
  }

  /// `numpy.core.multiarray.scalar(dtype, bytes)`.
  Value scalar(List<Value> args) {
    if (args.size() != 2
        || !(args.get(0) instanceof Value.NumpyType type)
        || !(args.get(1) instanceof Value.Bytes(var bytes))
        || bytes.byteSize() != type.dtype.blockBytes()) {
      throw wrong("scalar");
    }
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment memory = tensor(type, Shape.of(), new long[0], bytes).view(scratch).memory();
      return switch (type.dtype) {
        case F64 -> new Value.Real(memory.get(TensorView.F64, 0));
        case F32 -> new Value.Real(memory.get(TensorView.F32, 0));
        case F16 -> new Value.Real(Float.float16ToFloat(memory.get(TensorView.BITS16, 0)));
        case I64 -> new Value.Int(memory.get(TensorView.I64, 0));
        case I32 -> new Value.Int(memory.get(TensorView.I32, 0));
        case U32 -> new Value.Int(Integer.toUnsignedLong(memory.get(TensorView.I32, 0)));
        case I16 -> new Value.Int(memory.get(TensorView.BITS16, 0));
        case U16 -> new Value.Int(Short.toUnsignedLong(memory.get(TensorView.BITS16, 0)));
        case I8 -> new Value.Int(memory.get(ValueLayout.JAVA_BYTE, 0));
        case U8 -> new Value.Int(memory.get(ValueLayout.JAVA_BYTE, 0) & 0xff);
        case BOOL -> new Value.Bool(memory.get(ValueLayout.JAVA_BYTE, 0) != 0);
        // Rare as scalars; kept as the bytes they are.
        default -> new Value.Bytes(bytes);
      };
    }
  }

  /// `numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), b'b')`.
  Value array(List<Value> args) {
    if (args.size() != 3
        || !(args.getFirst() instanceof Value.Name(var name))
        || !name.equals("numpy.ndarray")) {
      throw wrong("array");
    }
    return new Value.NumpyArray();
  }

  /// State `(version, shape, dtype, is_fortran, bytes)`.
  void setState(Value.NumpyArray array, Value state) {
    if (!(state instanceof Value.Items(_, var items))
        || items.size() != 5
        || !(items.get(1) instanceof Value.Items(_, var sizes))
        || sizes.size() > MAXIMUM_RANK
        || !(items.get(2) instanceof Value.NumpyType type)
        || !(items.get(3) instanceof Value.Bool(var columnMajor))
        || !(items.get(4) instanceof Value.Bytes(var bytes))) {
      throw wrong("array");
    }
    Shape shape = shape(sizes, type.dtype);
    if (shape == null || type.dtype.byteSize(shape.elements()) != bytes.byteSize()) {
      throw refusal.because(
          "storage-bounds",
          "a NumPy array has " + bytes.byteSize() + " bytes, its shape asks for others");
    }
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int i = 0; i < strides.length && shape.elements() > 0; i++) {
      int axis = columnMajor ? i : strides.length - 1 - i;
      strides[axis] = stride;
      stride *= shape.size(axis);
    }
    array.content = tensor(type, shape, strides, bytes);
  }

  private @Nullable Shape shape(List<Value> items, DType dtype) {
    long[] sizes = new long[items.size()];
    for (int i = 0; i < sizes.length; i++) {
      if (!(items.get(i) instanceof Value.Int(var size)) || size < 0) {
        throw wrong("array");
      }
      sizes[i] = size;
    }
    try {
      Shape shape = Shape.of(sizes);
      dtype.byteSize(shape.elements());
      return shape;
    } catch (ArithmeticException e) {
      return null;
    }
  }

  private static StridedTensor tensor(
      Value.NumpyType type, Shape shape, long[] strides, MemorySegment bytes) {
    Storage storage = new Storage.Inline(bytes, type.bigEndian);
    return new StridedTensor(storage, 0, type.dtype, shape, strides, false, false, null);
  }

  private TantraException wrong(String what) {
    return refusal.because("forbidden-call", "a NumPy " + what + " is built in an unknown way");
  }
}
