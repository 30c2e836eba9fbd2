package org.tantra.host.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;

/// Answers what never became a request: broken HTTP, heads too long, bodies in unknown encodings.
final class Refusals implements DirectHandler {
  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType eventType,
      Status defaultStatus,
      ServerResponseHeaders responseHeaders,
      @Nullable String message) {
    String why = message == null || message.isEmpty() ? defaultStatus.reasonPhrase() : message;
    ApiError error =
        switch (defaultStatus.code()) {
          case 500 ->
              error(
                  new ErrorTable.Row(
                      500, "server_error", "internal_error", ErrorTable.Retry.BY_STATUS),
                  ErrorKind.INTERNAL,
                  "Something broke in the host while it read the request; its log says what.");
          case 505 ->
              error(mistake(505), ErrorKind.UNSUPPORTED, "This host speaks HTTP/1.1 and no other.");
          default ->
              error(
                  mistake(defaultStatus.code()),
                  ErrorKind.INVALID,
                  "The request is not HTTP as this host reads it: " + why + ".");
        };
    return TransportResponse.builder()
        .status(defaultStatus)
        .headers(responseHeaders)
        .header(HeaderNames.CONTENT_TYPE, "application/json")
        .header(HeaderNames.create("x-request-id"), Front.newRequestId())
        .keepAlive(false)
        .entity(Json.bytes(error.body()))
        .build();
  }

  private static ApiError error(ErrorTable.Row row, ErrorKind kind, String message) {
    return new ApiError(row, kind, message, null, List.of());
  }

  private static ErrorTable.Row mistake(int status) {
    return new ErrorTable.Row(
        status, "invalid_request_error", "invalid_value", ErrorTable.Retry.BY_STATUS);
  }
}
