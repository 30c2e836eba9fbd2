package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Answers what never became a request: broken HTTP, heads too long, bodies in unknown encodings.
final class Refusals implements DirectHandler {
  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType eventType,
      Status defaultStatus,
      ServerResponseHeaders responseHeaders,
      @Nullable String message) {
    ObjectNode node = Json.object();
    ObjectNode error = node.putObject("error");
    boolean ours = defaultStatus.code() >= 500;
    error.put(
        "message",
        ours
            ? "Something broke in the host while it read the request; its log says what."
            : "The request is not HTTP as this host reads it: "
                + (message == null || message.isEmpty() ? defaultStatus.reasonPhrase() : message)
                + ".");
    error.put("type", ours ? "server_error" : "invalid_request_error");
    error.putNull("param");
    error.put("code", ours ? "internal_error" : "invalid_value");
    return TransportResponse.builder()
        .status(defaultStatus)
        .headers(responseHeaders)
        .header(HeaderNames.CONTENT_TYPE, "application/json")
        .header(
            HeaderNames.create("x-request-id"),
            "req_" + UUID.randomUUID().toString().replace("-", ""))
        .keepAlive(false)
        .entity(Json.bytes(node))
        .build();
  }
}
