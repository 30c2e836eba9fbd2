package org.tantra.host.http;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.resolve.UnservedException;

/// The one table from errors to HTTP: an error's code decides, else its kind.
///
/// Statuses and words are those that OpenAI's clients know; see `docs/errors.md` for the kinds.
final class ErrorTable {
  /// Whether asking again makes sense.
  enum Retry {
    /// As the status says.
    BY_STATUS,
    /// It does, after a while: answered with `Retry-After`.
    LATER,
    /// It does not, though the status is one that clients retry: answered with `x-should-retry`.
    NEVER
  }

  /// @param status HTTP status
  /// @param type OpenAI's word for the kind of error
  /// @param code OpenAI's word for the error itself
  record Row(int status, String type, String code, Retry retry) {
    Row withCode(@Nullable String other) {
      return other == null ? this : new Row(status, type, other, retry);
    }
  }

  private static final Map<String, Row> BY_CODE =
      Stream.of(
              mistake(400, "invalid_value"),
              mistake(400, "missing_required_parameter"),
              mistake(400, "unsupported_parameter"),
              mistake(400, "unsupported_value"),
              mistake(400, "context_length_exceeded"),
              mistake(401, "invalid_api_key"),
              new Row(403, "permission_error", "insufficient_scope", Retry.BY_STATUS),
              mistake(404, "model_not_found"),
              mistake(404, "unknown_url"),
              mistake(405, "method_not_allowed"),
              mistake(413, "request_too_large"),
              mistake(415, "unsupported_media_type"),
              new Row(429, "rate_limit_error", "queue_full", Retry.LATER),
              new Row(503, "service_unavailable", "model_loading", Retry.LATER),
              new Row(503, "server_error", "model_load_failed", Retry.NEVER),
              new Row(503, "server_error", "insufficient_memory", Retry.NEVER),
              new Row(500, "server_error", "inference_failed", Retry.BY_STATUS),
              new Row(504, "server_error", "timeout", Retry.BY_STATUS))
          .collect(Collectors.toMap(Row::code, Function.identity()));

  private static final Row INTERNAL =
      new Row(500, "server_error", "internal_error", Retry.BY_STATUS);

  /// Nobody of the chain answered, and the first choice rests after failures: it may soon again.
  private static final Row RESTING = new Row(503, "server_error", "model_load_failed", Retry.LATER);

  private ErrorTable() {}

  /// The row of an error.
  static Row row(Throwable error) {
    if (!(error instanceof TantraException known)) {
      return INTERNAL;
    }
    if (error instanceof UnservedException && known.kind() == ErrorKind.BUSY) {
      return RESTING;
    }
    Row row = known.code() == null ? null : BY_CODE.get(known.code());
    return row == null ? row(known.kind()).withCode(known.code()) : row;
  }

  private static Row row(ErrorKind kind) {
    return switch (kind) {
      case INVALID -> mistake(400, "invalid_value");
      case NOT_FOUND -> mistake(404, "not_found");
      case UNSUPPORTED -> mistake(400, "unsupported_value");
      case CORRUPT -> new Row(503, "server_error", "model_load_failed", Retry.NEVER);
      case EXHAUSTED -> new Row(503, "server_error", "insufficient_memory", Retry.NEVER);
      case BUSY -> new Row(503, "service_unavailable", "busy", Retry.LATER);
      case CANCELLED -> new Row(503, "service_unavailable", "cancelled", Retry.BY_STATUS);
      case INTERNAL -> new Row(500, "server_error", "inference_failed", Retry.BY_STATUS);
    };
  }

  private static Row mistake(int status, String code) {
    return new Row(status, "invalid_request_error", code, Retry.BY_STATUS);
  }
}
