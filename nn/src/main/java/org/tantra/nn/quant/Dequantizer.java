package org.tantra.nn.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// Expands weights to F32, bit for bit as ggml does.
///
/// All arithmetic is F32 with multiplication and addition rounded separately; fused operations
/// would give other bits. This is the specification of faster kernels, and what converters use.
/// Stateless and safe from several threads.
public final class Dequantizer {
  private Dequantizer() {}

  /// Whether this type is expanded: F32, F16, BF16 and all of ggml's block types in [DType].
  public static boolean reads(DType dtype) {
    return decoder(dtype) != null;
  }

  /// The tensor's values as a new F32 tensor in memory from `scratch`.
  ///
  /// @throws UnsupportedOperationException if the type is another one
  /// @throws ArithmeticException if the values take more bytes than a `long` counts
  public static TensorView toF32(TensorView source, SegmentAllocator scratch) {
    long bytes = DType.F32.byteSize(source.shape().elements());
    TensorView target =
        new TensorView(
            DType.F32, source.shape(), scratch.allocate(Math.max(bytes, 4), 4).asSlice(0, bytes));
    expand(source.dtype(), source.memory(), target.memory());
    return target;
  }

  /// Expands whole blocks.
  ///
  /// @param dtype type of the blocks
  /// @param source the blocks, for example one row of a weight
  /// @param target takes 4 bytes for each element, little-endian
  /// @throws UnsupportedOperationException if [#reads] does not hold
  /// @throws IllegalArgumentException if `source` is no multiple of blocks or `target` has not the
  ///   size of their elements
  public static void expand(DType dtype, MemorySegment source, MemorySegment target) {
    BlockDecoder decoder = decoder(dtype);
    if (decoder == null) {
      throw new UnsupportedOperationException("no expansion of " + dtype + " to F32");
    }
    long blocks = source.byteSize() / dtype.blockBytes();
    if (source.byteSize() != blocks * dtype.blockBytes()
        || target.byteSize() != blocks * dtype.blockElements() * Float.BYTES) {
      throw new IllegalArgumentException(
          source.byteSize()
              + " bytes of "
              + dtype
              + " do not fit "
              + target.byteSize()
              + " of F32");
    }
    float[] values = new float[dtype.blockElements()];
    for (long block = 0; block < blocks; block++) {
      decoder.decode(source, block * dtype.blockBytes(), values);
      long at = block * values.length * Float.BYTES;
      MemorySegment.copy(values, 0, target, TensorView.F32, at, values.length);
    }
  }

  private static @Nullable BlockDecoder decoder(DType dtype) {
    return switch (dtype) {
      case F32 -> (blocks, at, out) -> out[0] = blocks.get(TensorView.F32, at);
      case F16 -> (blocks, at, out) -> out[0] = BlockDecoder.half(blocks, at);
      case BF16 ->
          (blocks, at, out) ->
              out[0] = Float.intBitsToFloat(blocks.get(TensorView.BITS16, at) << 16);
      case Q4_0 -> LegacyBlocks::q4WithScale;
      case Q4_1 -> LegacyBlocks::q4WithScaleAndMinimum;
      case Q5_0 -> LegacyBlocks::q5WithScale;
      case Q5_1 -> LegacyBlocks::q5WithScaleAndMinimum;
      case Q8_0 -> LegacyBlocks::q8WithScale;
      case Q2_K -> KBlocks::q2;
      case Q3_K -> KBlocks::q3;
      case Q4_K -> KBlocks::q4;
      case Q5_K -> KBlocks::q5;
      case Q6_K -> KBlocks::q6;
      case Q8_K -> KBlocks::q8;
      case IQ4_NL -> TableBlocks::iq4Nl;
      case MXFP4 -> TableBlocks::mxfp4;
      case TQ1_0 -> TernaryBlocks::base3;
      case TQ2_0 -> TernaryBlocks::base4;
      default -> null;
    };
  }
}
