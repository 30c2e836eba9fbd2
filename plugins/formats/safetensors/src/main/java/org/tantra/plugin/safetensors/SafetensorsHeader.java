package org.tantra.plugin.safetensors;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;

/// What the header of a file says, once it has passed every rule of the format.
///
/// @param metadata free text, in the order of the header
/// @param entries where each tensor lies, in the order of their bytes
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {
  /// Bytes of the little-endian length in front of the header.
  static final int LENGTH_BYTES = 8;

  /// Longest header the format allows.
  static final int MAXIMUM_BYTES = 100_000_000;

  /// The name that stands for free text instead of a tensor.
  static final String METADATA = "__metadata__";

  /// Every type the format knows, in the order of its rank: a writer puts the last ones first.
  static final List<DType> DTYPES =
      List.of(
          DType.BOOL,
          DType.F4,
          DType.F6_E2M3,
          DType.F6_E3M2,
          DType.U8,
          DType.I8,
          DType.F8_E5M2,
          DType.F8_E4M3,
          DType.F8_E8M0,
          DType.F8_E4M3FNUZ,
          DType.F8_E5M2FNUZ,
          DType.I16,
          DType.U16,
          DType.F16,
          DType.BF16,
          DType.I32,
          DType.U32,
          DType.F32,
          DType.C64,
          DType.F64,
          DType.I64,
          DType.U64);

  /// One tensor and its bytes.
  ///
  /// @param begin offset of its first byte from the end of the header
  /// @param end offset behind its last byte
  record Entry(TensorInfo info, long begin, long end) {}

  /// Reads and checks a header.
  ///
  /// @param json its bytes, padding included
  /// @param dataBytes size of what follows it in the file
  /// @throws TantraException `CORRUPT` if a rule is broken
  static SafetensorsHeader parse(byte[] json, long dataBytes, Refusal refusal) {
    HeaderParser parser = new HeaderParser(new JsonScanner(json, LENGTH_BYTES, refusal), refusal);
    parser.parse();
    List<Entry> entries = new ArrayList<>(parser.entries());
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    requireGapless(entries, dataBytes, refusal);
    return new SafetensorsHeader(
        Collections.unmodifiableMap(parser.metadata()), Collections.unmodifiableList(entries));
  }

  /// Each tensor begins where the one before ends, and the last one ends with the file.
  private static void requireGapless(List<Entry> entries, long dataBytes, Refusal refusal) {
    long covered = 0;
    for (Entry entry : entries) {
      if (entry.begin() != covered) {
        throw refusal.corrupt(
            "tensor "
                + Refusal.quoted(entry.info().name())
                + " begins at data byte "
                + entry.begin()
                + (entry.begin() < covered ? ", inside" : ", with a gap behind")
                + " the tensor before it, which ends at "
                + covered
                + ".");
      }
      covered = entry.end();
    }
    if (covered > dataBytes) {
      throw refusal.cutShort(
          "its header describes " + covered + " data bytes, the file has " + dataBytes + ".");
    }
    if (covered < dataBytes) {
      throw refusal.corrupt(
          "its header describes "
              + covered
              + " data bytes, the file has "
              + dataBytes
              + "; nobody owns the last "
              + (dataBytes - covered)
              + ".");
    }
  }
}
