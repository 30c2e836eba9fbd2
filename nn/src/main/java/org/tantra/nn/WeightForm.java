package org.tantra.nn;

import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// How a model holds the weights of its linear maps, whatever the checkpoint has: a choice between
/// memory and speed on one side and exactness on the other.
public enum WeightForm {
  /// Mapped from the file, nothing copied.
  AS_STORED,
  /// The upper half of F32, rounded: 2 bytes a weight, off by at most 1 in 256.
  BF16,
  /// Blocks of 32 signed bytes with one scale: 1.06 bytes a weight, off by at most 1 in 254 of the
  /// largest of the block.
  Q8_0,
  /// Blocks of 32 nibbles with one scale: 0.56 bytes a weight, off by at most 1 in 16 of the
  /// largest of the block.
  Q4_0;

  private static final String KEY = "serve.quantization";

  /// `int8_dynamic` is how the earlier system asked for bytes; here they have a scale for each
  /// block instead of one for each row, which is more exact.
  private static final Map<String, WeightForm> NAMES =
      Map.of("none", AS_STORED, "bf16", BF16, "int8_dynamic", Q8_0, "q8_0", Q8_0, "q4_0", Q4_0);

  /// What `serve.quantization` of a model's configuration asks for; nothing set means as stored.
  ///
  /// @throws TantraException `INVALID` if there is no such form
  public static WeightForm of(Settings model) {
    String name = model.section("serve").text("quantization", "none");
    WeightForm form = NAMES.get(name.toLowerCase(Locale.ROOT));
    if (form == null) {
      throw new TantraException(
              ErrorKind.INVALID,
              "%s: %s is '%s'; there are %s."
                  .formatted(
                      model.origin(), KEY, name, String.join(", ", new TreeSet<>(NAMES.keySet()))))
          .about(KEY);
    }
    return form;
  }
}
