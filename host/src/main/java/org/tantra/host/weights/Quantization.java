package org.tantra.host.weights;

import java.util.Optional;
import org.tantra.api.tensor.DType;

/// What weights can be quantised to, and the format that holds the result.
public enum Quantization {
  /// Blocks of 32 bytes with a half-precision scale, as GGUF.
  Q8_0("q8_0", "gguf"),
  /// Blocks of 32 nibbles with a half-precision scale, as GGUF.
  Q4_0("q4_0", "gguf"),
  /// Rows of signed bytes, as safetensors: weight `w` becomes `I8`, and `w.scale` holds an F32 for
  /// each index of the first axis; a number is its byte times the scale of its row.
  INT8("int8", "safetensors");

  /// What goes behind a weight's name for the scales of its rows.
  public static final String SCALE = ".scale";

  private final String id;
  private final String format;

  Quantization(String id, String format) {
    this.id = id;
    this.format = format;
  }

  /// As commands spell it.
  public String id() {
    return id;
  }

  /// Id of the weight format.
  public String format() {
    return format;
  }

  /// What commands spell like this.
  public static Optional<Quantization> named(String id) {
    for (Quantization one : values()) {
      if (one.id.equalsIgnoreCase(id)) {
        return Optional.of(one);
      }
    }
    return Optional.empty();
  }

  DType dtype() {
    return switch (this) {
      case Q8_0 -> DType.Q8_0;
      case Q4_0 -> DType.Q4_0;
      case INT8 -> DType.I8;
    };
  }

  /// What quantising did to the numbers.
  ///
  /// @param weights how many weights were quantised; the others are as they were
  /// @param numbers how many numbers these have
  /// @param largest largest absolute difference from the source
  /// @param relative root of the mean square of the differences, over that of the source's numbers
  public record Loss(int weights, long numbers, double largest, double relative) {}

  /// A file that was written, read back, and holds what was meant.
  public record Result(Conversion.Result written, Loss loss) {}
}
