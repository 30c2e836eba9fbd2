package org.tantra.nn.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.tantra.api.tensor.TensorView;

/// Expands one block. The layouts are those of ggml; bytes are little-endian and at any address.
///
/// @see <a href="https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c">ggml-quants.c</a>
@FunctionalInterface
interface BlockDecoder {
  /// @param blocks where the block lies
  /// @param at its first byte
  /// @param out takes all its elements
  void decode(MemorySegment blocks, long at, float[] out);

  static int u8(MemorySegment blocks, long at) {
    return blocks.get(ValueLayout.JAVA_BYTE, at) & 0xff;
  }

  static int i8(MemorySegment blocks, long at) {
    return blocks.get(ValueLayout.JAVA_BYTE, at);
  }

  static float half(MemorySegment blocks, long at) {
    return Float.float16ToFloat(blocks.get(TensorView.BITS16, at));
  }
}
