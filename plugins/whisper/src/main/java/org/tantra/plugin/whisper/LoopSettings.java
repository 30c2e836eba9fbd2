package org.tantra.plugin.whisper;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// What `Config/<model>.yaml` may say about decoding, in its section `model`.
final class LoopSettings {
  private static final int MOST_ROWS = 16;

  private LoopSettings() {}

  /// @param latest index of the latest first timestamp
  /// @throws TantraException `INVALID` if a value is out of range
  static LoopOptions of(Settings model, int latest) {
    int samples = model.integer("best_of", 1);
    double patience = model.number("patience", 1);
    if (samples < 1 || samples > MOST_ROWS || !(patience > 0 && patience <= 8)) {
      throw new TantraException(
          ErrorKind.INVALID,
          "%s: model.best_of is %d and model.patience %s; 1 to %d and above 0 to 8 are possible."
              .formatted(model.origin(), samples, patience, MOST_ROWS));
    }
    DecodingOptions plain = DecodingOptions.in("en");
    DecodingOptions decoding =
        plain.withSearch(1, patience, samples).withFilters(plain.suppressed(), true, true, latest);
    return new LoopOptions(
        LoopOptions.TEMPERATURES,
        threshold(model, "compression_ratio_threshold", LoopOptions.COMPRESSION_RATIO),
        threshold(model, "logprob_threshold", LoopOptions.LOGPROB),
        threshold(model, "no_speech_threshold", LoopOptions.NO_SPEECH),
        model.flag("condition_on_previous_text", true),
        null,
        model.flag("carry_initial_prompt", false),
        List.of(),
        false,
        model.has("hallucination_silence_threshold")
            ? threshold(model, "hallucination_silence_threshold", 0)
            : null,
        decoding);
  }

  private static @Nullable Double threshold(Settings model, String key, double otherwise) {
    Object value = model.asMap().get(key);
    // In YAML a bare 'off' is false.
    boolean off = "off".equals(value) || Boolean.FALSE.equals(value);
    return off ? null : Double.valueOf(model.number(key, otherwise));
  }
}
