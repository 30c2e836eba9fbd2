package org.tantra.plugin.pytorch;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;

/// Makes tensors from the arguments of `torch._utils._rebuild_tensor` and its relatives, after
/// checking each of them.
///
/// @see <a href="https://github.com/pytorch/pytorch/blob/main/torch/_utils.py">torch/_utils.py</a>
final class TensorRebuild {
  private static final int MAXIMUM_RANK = 64;

  private final Refusal refusal;

  TensorRebuild(Refusal refusal) {
    this.refusal = refusal;
  }

  /// `(storage, offset, size, stride)`.
  Value v1(List<Value> args) {
    expect(args, 4, 4);
    return tensor(args, null, null, null);
  }

  /// `(storage, offset, size, stride, requires_grad, hooks[, metadata])`.
  Value v2(List<Value> args) {
    expect(args, 6, 7);
    return tensor(args, null, args.size() == 7 ? args.get(6) : null, null);
  }

  /// `(storage, offset, size, stride, requires_grad, hooks, dtype[, metadata])`.
  Value v3(List<Value> args) {
    expect(args, 7, 8);
    if (!(args.get(6) instanceof Value.ElementType(_, var dtype))) {
      throw bad("the element type of a tensor is a " + args.get(6).kind());
    }
    return tensor(args, dtype, args.size() == 8 ? args.get(7) : null, null);
  }

  /// `(storage, offset, size, stride, quantizer, requires_grad, hooks)`.
  Value quantized(List<Value> args) {
    expect(args, 7, 7);
    if (!(args.get(4) instanceof Value.Items(var kind, var parameters))
        || kind != Value.Items.Kind.TUPLE
        || parameters.isEmpty()
        || !(parameters.getFirst() instanceof Value.Name(var scheme))) {
      throw bad(
          "the quantisation parameters of a tensor are not a tuple that begins with a scheme");
    }
    Quantizer quantizer;
    if (scheme.equals("torch.per_tensor_affine")
        && parameters.size() == 3
        && parameters.get(1) instanceof Value.Real(var scale)
        && parameters.get(2) instanceof Value.Int(var zeroPoint)) {
      quantizer = new Quantizer.PerTensor(scale, zeroPoint);
    } else if (scheme.startsWith("torch.per_channel_affine")
        && parameters.size() == 4
        && parameters.get(1) instanceof Value.Tensor(var scales)
        && parameters.get(2) instanceof Value.Tensor(var zeroPoints)
        && parameters.get(3) instanceof Value.Int(var axis)) {
      quantizer = new Quantizer.PerChannel((int) axis, scales, zeroPoints);
      checkChannels(axis, sizes(args.get(2), "size"), scales, zeroPoints);
    } else {
      throw bad("the quantisation parameters of a tensor do not fit scheme " + scheme);
    }
    return tensor(args, null, null, quantizer);
  }

  private void checkChannels(
      long axis, long[] sizes, StridedTensor scales, StridedTensor zeroPoints) {
    if (axis < 0 || axis >= sizes.length || sizes[(int) axis] > Quantizer.MAXIMUM_CHANNELS) {
      throw bad("axis " + axis + " of a quantised tensor is missing or has too many channels");
    }
    for (StridedTensor channels : List.of(scales, zeroPoints)) {
      if (!channels.shape().is(sizes[(int) axis])
          || !Quantizer.PerChannel.reads(channels.dtype())) {
        throw bad("a quantised tensor has not one scale and zero point for each channel");
      }
    }
  }

  private Value tensor(
      List<Value> args,
      @Nullable DType declared,
      @Nullable Value metadata,
      @Nullable Quantizer quantizer) {
    if (!(args.get(0) instanceof Value.StorageView storage)) {
      throw bad("the storage of a tensor is a " + args.get(0).kind());
    }
    DType dtype = declared == null ? storage.dtype() : declared;
    boolean integers = dtype == DType.QI8 || dtype == DType.QU8 || dtype == DType.QI32;
    if (quantizer != null && !integers) {
      throw bad("a quantised tensor has a storage of " + dtype);
    }
    long offset = integer(args.get(1), "offset");
    long[] sizes = sizes(args.get(2), "size");
    long[] strides = sizes(args.get(3), "stride");
    if (sizes.length != strides.length) {
      throw bad("a tensor has " + sizes.length + " sizes and " + strides.length + " strides");
    }
    Shape shape = shape(sizes, strides, offset, dtype);
    checkBounds(storage, dtype, shape, strides, offset);
    long byteOffset = shape.elements() == 0 ? 0 : offset * dtype.blockBytes();
    return new Value.Tensor(
        new StridedTensor(
            storage.storage(),
            storage.byteOffset() + byteOffset,
            dtype,
            shape,
            strides,
            flag(metadata, "conj", isComplex(dtype)),
            flag(metadata, "neg", isComplex(dtype) || isFloat(dtype)),
            quantizer));
  }

  private Shape shape(long[] sizes, long[] strides, long offset, DType dtype) {
    boolean negative = offset < 0;
    for (int i = 0; i < sizes.length; i++) {
      negative |= sizes[i] < 0 || strides[i] < 0;
    }
    if (negative) {
      throw refusal.because("storage-bounds", "an offset, size or stride of a tensor is negative");
    }
    try {
      Shape shape = Shape.of(sizes);
      dtype.byteSize(shape.elements());
      return shape;
    } catch (ArithmeticException e) {
      throw refusal.because("storage-bounds", "the size of a tensor overflows 64 bits", e);
    }
  }

  private void checkBounds(
      Value.StorageView storage, DType dtype, Shape shape, long[] strides, long offset) {
    if (shape.elements() == 0) {
      return;
    }
    try {
      long last = offset;
      for (int axis = 0; axis < strides.length; axis++) {
        long reach = Math.multiplyExact(shape.size(axis) - 1, strides[axis]);
        last = Math.addExact(last, reach);
      }
      long end = Math.multiplyExact(Math.addExact(last, 1), (long) dtype.blockBytes());
      if (end <= storage.byteSize()) {
        return;
      }
      throw refusal.because(
          "storage-bounds",
          "a tensor " + shape + " reaches byte " + end + " of a storage of " + storage.byteSize());
    } catch (ArithmeticException e) {
      throw refusal.because("storage-bounds", "the extent of a tensor overflows 64 bits", e);
    }
  }

  private boolean flag(@Nullable Value metadata, String name, boolean possible) {
    if (metadata == null || metadata == Value.None.NONE) {
      return false;
    }
    if (!(metadata instanceof Value.Dict dict)) {
      throw bad("the metadata of a tensor is a " + metadata.kind());
    }
    for (Value.Key key : dict.items().keySet()) {
      if (!key.text().equals("conj") && !key.text().equals("neg")) {
        throw bad("a tensor has unknown metadata '" + key.text() + "'");
      }
    }
    Value value = dict.items().get(new Value.Key("text", name, List.of()));
    if (value == null) {
      return false;
    }
    if (!(value instanceof Value.Bool(var set)) || (set && !possible)) {
      throw bad("metadata '" + name + "' does not fit the tensor");
    }
    return set;
  }

  private void expect(List<Value> args, int least, int most) {
    if (args.size() < least || args.size() > most) {
      throw bad("a tensor is rebuilt from " + args.size() + " arguments");
    }
  }

  private long integer(Value value, String what) {
    if (value instanceof Value.Int(var number)) {
      return number;
    }
    throw bad("the " + what + " of a tensor is a " + value.kind());
  }

  private long[] sizes(Value value, String what) {
    if (!(value instanceof Value.Items(var kind, var items))
        || kind == Value.Items.Kind.SET
        || items.size() > MAXIMUM_RANK) {
      throw bad("the " + what + " of a tensor is not a tuple of at most " + MAXIMUM_RANK);
    }
    return items.stream().mapToLong(item -> integer(item, what)).toArray();
  }

  private static boolean isComplex(DType dtype) {
    return dtype == DType.C32 || dtype == DType.C64 || dtype == DType.C128;
  }

  private static boolean isFloat(DType dtype) {
    return switch (dtype) {
      case F64, F32, F16, BF16 -> true;
      default -> false;
    };
  }

  private TantraException bad(String what) {
    return refusal.because("bad-tensor", what);
  }
}
