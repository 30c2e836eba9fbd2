package org.tantra.host.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;

/// Reads what a file beside bare numbers says about them: `weights.bin.json` with `dtype`, `shape`
/// and, if it is big-endian, `byte_order`.
final class SideFile {
  /// What the one tensor of a file without names is called.
  static final String TENSOR_NAME = "tensor";

  private static final long MAXIMUM_BYTES = 1 << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private SideFile() {}

  /// What the side file of a weight file says; [OpenOptions#NONE] if there is none.
  ///
  /// @throws TantraException `CORRUPT` if it is there and cannot be understood
  static OpenOptions of(Path file) {
    Path side = file.resolveSibling(file.getFileName() + ".json");
    if (!Files.isRegularFile(side)) {
      return OpenOptions.NONE;
    }
    try {
      if (Files.size(side) > MAXIMUM_BYTES) {
        throw corrupt(side, "it has more than 1 MiB");
      }
      return options(side, JSON.readTree(side.toFile()));
    } catch (JsonProcessingException e) {
      throw corrupt(side, e.getOriginalMessage());
    } catch (IOException e) {
      throw WeightOpener.unreadable(side, e);
    }
  }

  private static OpenOptions options(Path side, JsonNode root) {
    DType dtype =
        DType.named(root.path("dtype").asText())
            .orElseThrow(() -> corrupt(side, "'dtype' names no element type such as F32"));
    JsonNode sizes = root.path("shape");
    if (!sizes.isArray()) {
      throw corrupt(side, "'shape' is no array of sizes");
    }
    long[] shape = new long[sizes.size()];
    for (int i = 0; i < shape.length; i++) {
      if (!sizes.get(i).isIntegralNumber() || !sizes.get(i).canConvertToLong()) {
        throw corrupt(side, "'shape' holds " + sizes.get(i) + ", which is no size");
      }
      shape[i] = sizes.get(i).longValue();
    }
    String order = root.path("byte_order").asText("little");
    if (!order.equals("little") && !order.equals("big")) {
      throw corrupt(side, "'byte_order' is neither 'little' nor 'big'");
    }
    try {
      TensorInfo tensor = new TensorInfo(TENSOR_NAME, dtype, Shape.of(shape));
      return new OpenOptions(tensor, order.equals("big"));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw corrupt(side, "dtype and shape do not fit: " + e.getMessage());
    }
  }

  private static TantraException corrupt(Path side, String what) {
    return new TantraException(
        ErrorKind.CORRUPT,
        "Side file '"
            + side.getFileName()
            + "' cannot be used: "
            + what
            + ". Correct it, or say dtype and shape yourself.");
  }
}
