package org.tantra.host.http;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.tantra.api.TextRequest;

/// What one HTTP request asks of a model: one text request per choice.
///
/// @param model the model as the caller names it
/// @param choices in the order of their indices
/// @param kept of each run of `sampled` choices this many are answered with, the likeliest
/// @param sampled how many choices in a row continue the same prompt
/// @param fallback whether stand-ins may answer
/// @param stream whether the answer is wanted piece by piece
/// @param includeUsage whether a stream ends with the token counts
/// @param logprobs whether the answer shows log-probabilities
record Ask(
    String model,
    List<TextRequest> choices,
    int kept,
    int sampled,
    boolean fallback,
    boolean stream,
    boolean includeUsage,
    boolean logprobs) {
  Ask {
    requireNonNull(model, "model");
    choices = List.copyOf(choices);
  }

  /// Whether stand-ins may answer, by the body's own field.
  static boolean fallback(Fields fields) {
    JsonNode value = fields.value("fallback");
    if (value == null || value.isBoolean()) {
      return fields.flag("fallback", true);
    }
    return switch (value.asText()) {
      case "on" -> true;
      case "off" -> false;
      default -> throw fields.wrong("fallback", "true, false, 'on' or 'off'");
    };
  }

  static boolean includeUsage(Fields fields, boolean stream) {
    Fields options = fields.object("stream_options");
    if (options == null) {
      return false;
    }
    if (!stream) {
      throw fields.refuse(
          "stream_options", "'stream_options' is only allowed when 'stream' is true.");
    }
    return options.flag("include_usage", false);
  }
}
