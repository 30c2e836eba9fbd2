package org.example.npy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;

/// The text in front of the numbers, such as `{'descr': '<f4', 'fortran_order': False, 'shape': (2,
/// 3), }`: a Python dictionary, read as text and never evaluated.
final class NpyHeader {
  /// What every file begins with.
  static final int[] MAGIC = {0x93, 'N', 'U', 'M', 'P', 'Y'};

  /// Magic, version and the length of the text.
  static final int START_BYTES = 10;

  /// NumPy's names of the types that this format holds.
  static final Map<DType, String> CODES =
      Map.ofEntries(
          Map.entry(DType.BOOL, "|b1"),
          Map.entry(DType.I8, "|i1"),
          Map.entry(DType.U8, "|u1"),
          Map.entry(DType.I16, "<i2"),
          Map.entry(DType.U16, "<u2"),
          Map.entry(DType.I32, "<i4"),
          Map.entry(DType.U32, "<u4"),
          Map.entry(DType.I64, "<i8"),
          Map.entry(DType.U64, "<u8"),
          Map.entry(DType.F16, "<f2"),
          Map.entry(DType.F32, "<f4"),
          Map.entry(DType.F64, "<f8"));

  /// Where NumPy wants the numbers to begin: at a multiple of this.
  private static final int ALIGNMENT = 64;

  private static final Pattern TEXT =
      Pattern.compile(
          "\\{'descr': '([^']*)', 'fortran_order': (True|False), "
              + "'shape': \\((|\\d+,|\\d+(?:, \\d+)+)\\), \\} *\n");

  private NpyHeader() {}

  /// Reads the text of a file.
  ///
  /// @param file its name, for messages
  /// @throws TantraException `CORRUPT` if it is no such text, `UNSUPPORTED` if it describes an
  ///   array that this format does not read
  static TensorInfo parse(String text, String file) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "'" + file + "' has no sound header at byte " + START_BYTES + ". Fetch it again.");
    }
    String code = parts.group(1);
    DType dtype =
        CODES.entrySet().stream()
            .filter(entry -> entry.getValue().equals(code))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow(() -> unsupported(file, "type '" + code + "'"));
    if (parts.group(2).equals("True")) {
      throw unsupported(file, "column-major order");
    }
    try {
      long[] sizes =
          Pattern.compile(", ?")
              .splitAsStream(parts.group(3))
              .filter(size -> !size.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      return new TensorInfo(NpyExampleFormat.NAME, dtype, Shape.of(sizes));
    } catch (ArithmeticException | NumberFormatException e) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "'" + file + "' has the impossible shape (" + parts.group(3) + "). Fetch it again.",
          e);
    }
  }

  private static TantraException unsupported(String file, String what) {
    return new TantraException(
        ErrorKind.UNSUPPORTED,
        "'" + file + "' holds an array of " + what + ", which is not read. Convert it in NumPy.");
  }

  /// Everything in front of the numbers, padded to the alignment.
  static byte[] spelled(TensorInfo tensor) {
    String sizes =
        LongStream.of(tensor.shape().toArray())
            .mapToObj(Long::toString)
            .collect(Collectors.joining(", "));
    String text =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }"
            .formatted(CODES.get(tensor.dtype()), sizes, tensor.shape().rank() == 1 ? "," : "");
    int padding = Math.floorMod(-(START_BYTES + text.length() + 1), ALIGNMENT);
    int length = text.length() + padding + 1;
    String start = "\u0093NUMPY\1\0" + (char) (length & 0xff) + (char) (length >> 8);
    return (start + text + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1);
  }
}
