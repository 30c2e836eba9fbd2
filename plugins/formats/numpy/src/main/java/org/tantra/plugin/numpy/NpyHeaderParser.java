package org.tantra.plugin.numpy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.Shape;
import org.tantra.plugin.numpy.zip.ZipNames;

/// One pass over the head of an array: signature, version, length, and the text that describes it.
final class NpyHeaderParser {
  private static final Set<String> KEYS = Set.of("descr", "fortran_order", "shape");

  private final byte[] head;
  private final long bytes;
  private final String place;

  NpyHeaderParser(byte[] head, long bytes, String place) {
    this.head = head;
    this.bytes = bytes;
    this.place = place;
  }

  NpyHeader header() {
    for (int i = 0; i < NpyHeader.MAGIC.length; i++) {
      if (i >= head.length || (head[i] & 0xff) != NpyHeader.MAGIC[i]) {
        throw corrupt("byte " + i + ": expected the signature 93 4e 55 4d 50 59.");
      }
    }
    int start = NpyHeader.MAGIC.length + 2;
    requireBytes(start);
    int major = head[6] & 0xff;
    if (major < 1 || major > 3 || head[7] != 0) {
      throw corrupt(
          "byte 6: version " + major + "." + (head[7] & 0xff) + ", known are 1.0, 2.0 and 3.0.");
    }
    int lengthBytes = major == 1 ? 2 : 4;
    requireBytes(start + lengthBytes);
    ByteBuffer little = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    long length =
        major == 1
            ? Short.toUnsignedLong(little.getShort(start))
            : Integer.toUnsignedLong(little.getInt(start));
    if (length > NpyHeader.LONGEST) {
      throw corrupt(
          "byte 8: a header of "
              + length
              + " bytes, at most "
              + NpyHeader.LONGEST
              + " are allowed.");
    }
    int from = start + lengthBytes;
    requireBytes(from + (int) length);
    String text = text(from, (int) length, major);
    return checked(dictionary(text, from), major + ".0", from + (int) length);
  }

  private void requireBytes(int needed) {
    if (head.length < needed) {
      throw corrupt(
          "it is cut short: its header takes %d bytes, it has %d.".formatted(needed, bytes));
    }
  }

  private String text(int from, int length, int major) {
    Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    try {
      return charset.newDecoder().decode(ByteBuffer.wrap(head, from, length)).toString();
    } catch (CharacterCodingException e) {
      throw corrupt("byte " + from + ": the header is not UTF-8.");
    }
  }

  private Map<String, PythonLiteral> dictionary(String text, int from) {
    try {
      if (PythonLiteral.parse(text) instanceof PythonLiteral.Dictionary(var members)
          && members.keySet().equals(KEYS)) {
        return members;
      }
    } catch (PythonLiteral.SyntaxException e) {
      throw corrupt("byte " + (from + e.offset()) + ": " + e.getMessage() + ".");
    }
    throw corrupt(
        "byte " + from + ": expected a dictionary of exactly descr, fortran_order and shape.");
  }

  private NpyHeader checked(Map<String, PythonLiteral> members, String version, int offset) {
    NpyDescr descr = descr(members.get("descr"));
    if (!(members.get("fortran_order") instanceof PythonLiteral.Truth(boolean columnMajor))) {
      throw corrupt("header field fortran_order is neither True nor False.");
    }
    Shape shape = shape(members.get("shape"), descr);
    long promised = descr.dtype().byteSize(shape.elements());
    if (promised != bytes - offset) {
      throw corrupt(
          "its header, to byte %d, describes %s %s in %d bytes, but %d follow."
              .formatted(offset, descr.dtype(), shape, promised, bytes - offset));
    }
    return new NpyHeader(version, descr, columnMajor, shape, offset);
  }

  private NpyDescr descr(@Nullable PythonLiteral value) {
    if (value instanceof PythonLiteral.Text(String text)) {
      return NpyDescr.of(text).orElseThrow(() -> notNumbers(value, text));
    }
    throw notNumbers(value, value == null ? "none" : value.spelled());
  }

  /// Whether an element type is that of Python objects, or of a structure with such a field.
  private static boolean holdsObjects(@Nullable PythonLiteral descr) {
    return switch (descr) {
      case PythonLiteral.Text(String text) -> text.equals("O") || text.endsWith("|O");
      case PythonLiteral.Tuple(var items) -> items.stream().anyMatch(NpyHeaderParser::holdsObjects);
      case PythonLiteral.Sequence(var items) ->
          items.stream().anyMatch(NpyHeaderParser::holdsObjects);
      case null, default -> false;
    };
  }

  private TantraException notNumbers(@Nullable PythonLiteral value, String descr) {
    boolean objects = holdsObjects(value);
    String problem =
        objects
            ? "Python objects, which are a pickle and are never read. Save plain numbers."
            : "no plain numbers of a known kind. Convert them with astype.";
    return new TantraException(
            ErrorKind.UNSUPPORTED,
            "%s cannot be read: its elements (%s) are %s"
                .formatted(place, ZipNames.quoted(descr), problem))
        .withCode(objects ? "object-array" : "unsupported-dtype");
  }

  private Shape shape(@Nullable PythonLiteral value, NpyDescr descr) {
    if (!(value instanceof PythonLiteral.Tuple(List<PythonLiteral> items))) {
      throw corrupt("header field shape is no tuple.");
    }
    long[] sizes = new long[items.size()];
    for (int axis = 0; axis < sizes.length; axis++) {
      if (!(items.get(axis) instanceof PythonLiteral.Whole(long size)) || size < 0) {
        throw corrupt("header field shape has no valid size on axis " + axis + ".");
      }
      sizes[axis] = size;
    }
    try {
      Shape shape = Shape.of(sizes);
      descr.dtype().byteSize(shape.elements());
      return shape;
    } catch (ArithmeticException _) {
      throw corrupt("header field shape describes more bytes than 63 bits can count.");
    }
  }

  private TantraException corrupt(String problem) {
    return new TantraException(
            ErrorKind.CORRUPT,
            place
                + " is no sound NumPy array: "
                + problem
                + " Fetch it again and compare checksums.")
        .withCode("bad-array");
  }
}
