package org.tantra.plugin.safetensors;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.plugin.safetensors.SafetensorsHeader.Entry;

/// One pass over the JSON of a header: metadata and tensors as they stand there, each tensor
/// checked on its own. Whether the tensors fit together is left to [SafetensorsHeader].
///
/// Names given twice are refused, where the reference reader keeps the last one: a scanner and a
/// loader must not see two different files.
final class HeaderParser {
  private static final Map<String, DType> DTYPES = dtypesByName();

  private final JsonScanner json;
  private final Refusal refusal;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private boolean metadataSeen;

  HeaderParser(JsonScanner json, Refusal refusal) {
    this.json = json;
    this.refusal = refusal;
  }

  private static Map<String, DType> dtypesByName() {
    Map<String, DType> byName = new HashMap<>();
    SafetensorsHeader.DTYPES.forEach(dtype -> byName.put(dtype.name(), dtype));
    return Map.copyOf(byName);
  }

  /// @throws TantraException `CORRUPT` if the JSON, or the description of one tensor, breaks a rule
  void parse() {
    json.object(
        name -> {
          if (name.equals(SafetensorsHeader.METADATA)) {
            parseMetadata();
          } else if (entries.put(name, parseEntry(name)) != null) {
            throw refusal.corrupt("tensor " + Refusal.quoted(name) + " is described twice.");
          }
        });
    json.end();
  }

  /// In the order of the header.
  Map<String, String> metadata() {
    return metadata;
  }

  /// In the order of the header.
  Collection<Entry> entries() {
    return entries.values();
  }

  private void parseMetadata() {
    if (metadataSeen) {
      throw refusal.corrupt("the header has two members " + SafetensorsHeader.METADATA + ".");
    }
    metadataSeen = true;
    if (json.takeNull()) {
      return;
    }
    json.object(
        key -> {
          if (metadata.put(key, json.string("a string")) != null) {
            throw refusal.corrupt("metadata " + Refusal.quoted(key) + " is given twice.");
          }
        });
  }

  private Entry parseEntry(String name) {
    Fields fields = new Fields();
    json.object(
        field -> {
          switch (field) {
            case "dtype" -> fields.dtype = once(fields.dtype, parseDtype(name), field, name);
            case "shape" -> fields.shape = once(fields.shape, parseIntegers(), field, name);
            case "data_offsets" ->
                fields.offsets = once(fields.offsets, parseIntegers(), field, name);
            default -> json.skip();
          }
        });
    return entry(
        name,
        required(fields.dtype, "dtype", name),
        required(fields.shape, "shape", name),
        required(fields.offsets, "data_offsets", name));
  }

  private Entry entry(String name, DType dtype, long[] sizes, long[] offsets) {
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw wrong(name, "has data_offsets " + shown(offsets) + " instead of begin and end.");
    }
    long elements;
    long bytes;
    try {
      elements = Shape.of(sizes).elements();
      bytes = Math.multiplyExact(elements / dtype.blockElements(), (long) dtype.blockBytes());
    } catch (ArithmeticException _) {
      throw wrong(name, "has shape " + shown(sizes) + ", more bytes than 63 bits can count.");
    }
    if (elements % dtype.blockElements() != 0) {
      throw wrong(
          name,
          "has shape " + shown(sizes) + ", which does not fill whole bytes of " + dtype + ".");
    }
    if (offsets[1] - offsets[0] != bytes) {
      throw wrong(
          name,
          "has data_offsets "
              + shown(offsets)
              + ", but "
              + dtype
              + " "
              + shown(sizes)
              + " takes "
              + bytes
              + " bytes.");
    }
    return new Entry(new TensorInfo(name, dtype, Shape.of(sizes)), offsets[0], offsets[1]);
  }

  private DType parseDtype(String name) {
    String text = json.string("a dtype in quotes");
    DType dtype = DTYPES.get(text);
    if (dtype == null) {
      throw wrong(name, "has dtype " + Refusal.quoted(text) + ", which the format does not know.");
    }
    return dtype;
  }

  private long[] parseIntegers() {
    Integers integers = new Integers();
    json.array(() -> integers.add(json.unsigned()));
    return integers.toArray();
  }

  private <T> T once(@Nullable T before, T value, String field, String name) {
    if (before != null) {
      throw wrong(name, "has two fields " + field + ".");
    }
    return value;
  }

  private <T> T required(@Nullable T value, String field, String name) {
    if (value == null) {
      throw wrong(name, "has no field " + field + ".");
    }
    return value;
  }

  private TantraException wrong(String name, String problem) {
    return refusal.corrupt("tensor " + Refusal.quoted(name) + " " + problem);
  }

  private static String shown(long[] numbers) {
    return numbers.length <= 16 ? Arrays.toString(numbers) : numbers.length + " numbers";
  }

  /// What an entry has said so far.
  private static final class Fields {
    @Nullable DType dtype;
    long @Nullable [] shape;
    long @Nullable [] offsets;
  }

  /// A growing array of integers: no boxes, because a hostile shape can have millions of sizes.
  private static final class Integers {
    private long[] values = new long[4];
    private int count;

    void add(long value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, count * 2);
      }
      values[count++] = value;
    }

    long[] toArray() {
      return Arrays.copyOf(values, count);
    }
  }
}
