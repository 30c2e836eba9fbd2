package org.tantra.host.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import picocli.CommandLine.Option;

/// Options that say what a file of bare numbers holds; other files speak for themselves.
final class RawFlags {
  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "For a file of bare numbers: their type, such as F32.")
  private @Nullable DType dtype;

  @Option(
      names = "--shape",
      split = ",",
      paramLabel = "SIZE",
      description = "For a file of bare numbers: their shape, such as 768,3072.")
  private @Nullable List<Long> shape;

  @Option(names = "--big-endian", description = "For a file of bare numbers: their byte order.")
  private boolean bigEndian;

  /// @throws TantraException `INVALID` if only one of type and shape is given, or they do not fit
  OpenOptions options() {
    if (dtype == null && shape == null && !bigEndian) {
      return OpenOptions.NONE;
    }
    if (dtype == null || shape == null) {
      throw new TantraException(
          ErrorKind.INVALID, "Bare numbers need both --dtype and --shape; nothing is guessed.");
    }
    long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
    try {
      return new OpenOptions(new TensorInfo("tensor", dtype, Shape.of(sizes)), bigEndian);
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new TantraException(
              ErrorKind.INVALID,
              "--dtype %s and --shape %s do not fit: %s.".formatted(dtype, shape, e.getMessage()))
          .about("shape")
          .withCode("shape-overflow");
    }
  }
}
