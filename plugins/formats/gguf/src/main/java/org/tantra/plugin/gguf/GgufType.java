package org.tantra.plugin.gguf;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.DType;

/// Numbers that stand for element types in a file.
///
/// @see <a href="https://github.com/ggml-org/ggml/blob/master/include/ggml.h">ggml_type</a>
final class GgufType {
  /// In the order of their numbers.
  static final Map<Integer, DType> TYPES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(0, DType.F32),
              Map.entry(1, DType.F16),
              Map.entry(2, DType.Q4_0),
              Map.entry(3, DType.Q4_1),
              Map.entry(6, DType.Q5_0),
              Map.entry(7, DType.Q5_1),
              Map.entry(8, DType.Q8_0),
              Map.entry(10, DType.Q2_K),
              Map.entry(11, DType.Q3_K),
              Map.entry(12, DType.Q4_K),
              Map.entry(13, DType.Q5_K),
              Map.entry(14, DType.Q6_K),
              Map.entry(15, DType.Q8_K),
              Map.entry(20, DType.IQ4_NL),
              Map.entry(24, DType.I8),
              Map.entry(25, DType.I16),
              Map.entry(26, DType.I32),
              Map.entry(27, DType.I64),
              Map.entry(28, DType.F64),
              Map.entry(30, DType.BF16),
              Map.entry(34, DType.TQ1_0),
              Map.entry(35, DType.TQ2_0),
              Map.entry(39, DType.MXFP4)));

  /// Known types that are not read.
  private static final Map<Integer, String> UNREAD =
      Map.ofEntries(
          Map.entry(9, "Q8_1"),
          Map.entry(16, "IQ2_XXS"),
          Map.entry(17, "IQ2_XS"),
          Map.entry(18, "IQ3_XXS"),
          Map.entry(19, "IQ1_S"),
          Map.entry(21, "IQ3_S"),
          Map.entry(22, "IQ2_S"),
          Map.entry(23, "IQ4_XS"),
          Map.entry(29, "IQ1_M"),
          Map.entry(40, "NVFP4"),
          Map.entry(41, "Q1_0"),
          Map.entry(42, "Q2_0"));

  private GgufType() {}

  /// The name of a type that exists but is not read, or null.
  static @Nullable String unread(int number) {
    return UNREAD.get(number);
  }

  /// The number of a type, or -1 if files cannot hold it.
  static int number(DType dtype) {
    for (Map.Entry<Integer, DType> entry : TYPES.entrySet()) {
      if (entry.getValue() == dtype) {
        return entry.getKey();
      }
    }
    return -1;
  }
}
