package org.tantra.plugin.numpy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;

/// What stands in front of the numbers of one array, once it has passed every rule of the format.
///
/// @param version as in messages and listings, such as `1.0`
/// @param descr element type and byte order
/// @param columnMajor whether the first index varies fastest in the file
/// @param shape sizes, outermost first
/// @param dataOffset where the numbers begin; they end with the file or archive member
/// @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">The
///   format</a>
record NpyHeader(String version, NpyDescr descr, boolean columnMajor, Shape shape, int dataOffset) {
  /// The first six bytes.
  static final int[] MAGIC = {0x93, 'N', 'U', 'M', 'P', 'Y'};

  /// Longest header text that NumPy itself reads.
  static final int LONGEST = 10_000;

  /// The most bytes that can precede the numbers.
  static final int MOST_BYTES = MAGIC.length + 2 + 4 + LONGEST;

  /// Where NumPy lets the numbers begin.
  static final int ALIGNMENT = 64;

  /// Reads and checks a header.
  ///
  /// @param head the first bytes of the array, [#MOST_BYTES] of them unless it is shorter
  /// @param bytes how many the array has in all
  /// @param place as messages name it: a file, or an archive and its member
  /// @throws TantraException `CORRUPT` if a rule is broken, `UNSUPPORTED` if the elements are no
  ///   plain numbers
  static NpyHeader parse(byte[] head, long bytes, String place) {
    return new NpyHeaderParser(head, bytes, place).header();
  }

  /// The header NumPy writes for a row-major little-endian array, version 1.0, byte for byte.
  ///
  /// @throws ArithmeticException if it would not fit version 1.0
  static byte[] spelled(DType dtype, Shape shape) {
    StringBuilder text = new StringBuilder();
    text.append("{'descr': '").append(NpyDescr.spelled(dtype));
    text.append("', 'fortran_order': False, 'shape': (");
    for (int axis = 0; axis < shape.rank(); axis++) {
      text.append(axis == 0 ? "" : ", ").append(shape.size(axis));
    }
    text.append(shape.rank() == 1 ? ",), }" : "), }");
    if (shape.rank() > 0) {
      // NumPy leaves room for the first size to grow to 21 digits when a file is appended to.
      text.repeat(" ", 21 - Long.toString(shape.size(0)).length());
    }
    int prefix = MAGIC.length + 2 + 2;
    text.repeat(" ", ALIGNMENT - (prefix + text.length() + 1) % ALIGNMENT).append('\n');
    if (text.length() > LONGEST) {
      throw new ArithmeticException("a header of " + text.length() + " characters");
    }
    ByteBuffer header = ByteBuffer.allocate(prefix + text.length()).order(ByteOrder.LITTLE_ENDIAN);
    for (int symbol : MAGIC) {
      header.put((byte) symbol);
    }
    header.put((byte) 1).put((byte) 0).putShort((short) text.length());
    return header.put(text.toString().getBytes(StandardCharsets.US_ASCII)).array();
  }
}
