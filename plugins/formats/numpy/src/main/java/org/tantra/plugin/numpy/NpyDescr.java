package org.tantra.plugin.numpy;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.tensor.DType;

/// An element type as a header spells it: byte order and a code such as `f4`.
///
/// @param dtype the type
/// @param bigEndian whether its values, or the two halves of each, have their highest byte first;
///   false for single bytes
record NpyDescr(DType dtype, boolean bigEndian) {
  NpyDescr {
    bigEndian = bigEndian && dtype.blockBytes() > 1;
  }

  /// Every type the format can hold, by NumPy's code.
  private static final Map<String, DType> BY_CODE =
      Map.ofEntries(
          Map.entry("b1", DType.BOOL),
          Map.entry("i1", DType.I8),
          Map.entry("i2", DType.I16),
          Map.entry("i4", DType.I32),
          Map.entry("i8", DType.I64),
          Map.entry("u1", DType.U8),
          Map.entry("u2", DType.U16),
          Map.entry("u4", DType.U32),
          Map.entry("u8", DType.U64),
          Map.entry("f2", DType.F16),
          Map.entry("f4", DType.F32),
          Map.entry("f8", DType.F64),
          Map.entry("c8", DType.C64),
          Map.entry("c16", DType.C128));

  /// The same, by type.
  static final Map<DType, String> CODES = codes();

  private static Map<DType, String> codes() {
    Map<DType, String> codes = new EnumMap<>(DType.class);
    BY_CODE.forEach((code, dtype) -> codes.put(dtype, code));
    return Map.copyOf(codes);
  }

  /// The type of a description, or nothing if it is none that weights have.
  ///
  /// `=` means the byte order of the machine that wrote the file: nearly always little-endian. `|`
  /// means that there is none to speak of, which is true of single bytes only.
  static Optional<NpyDescr> of(String text) {
    if (text.length() < 2) {
      return Optional.empty();
    }
    String code = text.substring(1).equals("?") ? "b1" : text.substring(1);
    DType dtype = BY_CODE.get(code);
    boolean known =
        switch (text.charAt(0)) {
          case '<', '>', '=' -> true;
          case '|' -> dtype != null && dtype.blockBytes() == 1;
          default -> false;
        };
    return dtype == null || !known
        ? Optional.empty()
        : Optional.of(new NpyDescr(dtype, text.charAt(0) == '>'));
  }

  /// The description of a little-endian type, which must be in [#CODES].
  static String spelled(DType dtype) {
    return (dtype.blockBytes() == 1 ? "|" : "<") + CODES.get(dtype);
  }
}
