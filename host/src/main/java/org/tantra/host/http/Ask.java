package org.tantra.host.http;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
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
  /// Log-probabilities that one request may have kept at once, those of alternatives included: a
  /// quarter of a gigabyte or so.
  static final int MAXIMUM_LOGPROBS = 1 << 20;

  /// Longer names are nobody's.
  private static final int MAXIMUM_NAME = 256;

  Ask {
    requireNonNull(model, "model");
    choices = List.copyOf(choices);
  }

  /// The model that a body asks for.
  static String model(Fields fields) {
    String model = fields.requiredText("model");
    if (model.length() > MAXIMUM_NAME) {
      throw new TantraException(
              ErrorKind.NOT_FOUND,
              "'model' has "
                  + model.length()
                  + " characters; no model has a name of more than "
                  + MAXIMUM_NAME
                  + ". GET /v1/models lists them.")
          .about("model")
          .withCode("model_not_found");
    }
    return model;
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
