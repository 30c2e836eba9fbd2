package org.tantra.host.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// One request and its response, as the routes see them.
final class Exchange {
  /// Bytes sent in one go; a client that takes as many has not stalled.
  private static final int PART = 1 << 16;

  private final ServerRequest request;
  private final ServerResponse response;
  private final Connection connection;
  private final Limits limits;
  private final BodyBudget.Share share;
  private int status;
  private Labels labels = new Labels("", "", "");

  /// @param bodyBytes larger request bodies are refused
  /// @param bodies what the bodies of all requests together may hold
  /// @param keepAlive how long a stream may be silent before a comment is sent
  /// @param stalled how long a client may take none of an answer before it is cut off
  record Limits(long bodyBytes, BodyBudget bodies, Duration keepAlive, Duration stalled) {}

  /// @param requested the model that was asked for; empty on routes without one
  /// @param served the model that answers; empty before one does
  /// @param fallback why the first choice did not answer; empty if it did
  record Labels(String requested, String served, String fallback) {}

  Exchange(ServerRequest request, ServerResponse response, Connection connection, Limits limits) {
    this.request = request;
    this.response = response;
    this.connection = connection;
    this.limits = limits;
    share = limits.bodies().new Share();
  }

  /// The request is over: its body is no longer held.
  void release() {
    share.close();
  }

  Limits limits() {
    return limits;
  }

  /// Counts bytes that are kept for this request as its body is.
  ///
  /// @throws TantraException `BUSY` if the requests under way hold too many
  void hold(long bytes) {
    share.take(bytes);
  }

  Connection connection() {
    return connection;
  }

  String method() {
    return request.prologue().method().text();
  }

  /// The path as sent: not decoded, without query.
  String rawPath() {
    return request.path().absolute().rawPath();
  }

  /// The first value of a request header.
  @Nullable String header(String name) {
    HeaderName header = HeaderNames.create(name);
    return request.headers().contains(header) ? request.headers().get(header).get() : null;
  }

  /// Whether the request comes from this machine, and from no proxy on it.
  boolean fromLoopback() {
    return request.remotePeer().address() instanceof InetSocketAddress address
        && address.getAddress().isLoopbackAddress()
        && header("X-Forwarded-For") == null
        && header("X-Real-IP") == null
        && header("Forwarded") == null;
  }

  /// Sets a response header; what no header may hold is percent-encoded.
  void header(String name, String value) {
    response.header(HeaderValues.create(HeaderNames.create(name), printable(value)));
  }

  /// The status of the answer; 0 before there is one.
  int status() {
    return status;
  }

  /// Who was asked and who answers, for the metrics.
  Labels labels() {
    return labels;
  }

  void label(Labels whoAnswers) {
    labels = whoAnswers;
  }

  /// Whether the connection ends without the rest of the request's body being read.
  boolean bodyRefused() {
    return connection.bodyRefused();
  }

  /// The request's JSON body.
  ///
  /// @throws TantraException if it is of another type, too large, or not JSON
  Fields fields() {
    String type = header("Content-Type");
    if (type != null && !isJson(type)) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The request body is '"
                  + type
                  + "'; this route reads JSON. Send the header 'Content-Type: application/json'.")
          .withCode("unsupported_media_type");
    }
    return Fields.of(Json.parse(body()));
  }

  /// The request's body as a form with files.
  ///
  /// @throws TantraException if it is something else, too large, or damaged
  MultipartForm form() {
    String type = header("Content-Type");
    return MultipartForm.parse(type == null ? "" : type, body());
  }

  /// Whether the request's body is a form.
  boolean hasForm() {
    String type = header("Content-Type");
    return type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data");
  }

  /// Sends a JSON document.
  void json(int code, JsonNode node) {
    send(code, "application/json", Json.bytes(node));
  }

  /// Sends an error.
  void refuse(ApiError error) {
    if (bodyTooLargeToSkip()) {
      connection.refuseBody();
    }
    if (bodyRefused()) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    json(error.row().status(), error.body());
  }

  void text(int code, String type, String text) {
    send(code, type, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Answers without a body.
  void empty() {
    status = 204;
    response.status(Status.NO_CONTENT_204);
    response.send();
  }

  /// Answers 200 with a stream of events.
  EventStream events() {
    status = 200;
    if (closeAsked()) {
      connection.closeAfterAnswer();
    }
    header("Content-Type", "text/event-stream; charset=utf-8");
    header("Cache-Control", "no-cache");
    header("X-Accel-Buffering", "no");
    return new EventStream(response.outputStream(), connection, limits);
  }

  /// Answers 200 with bytes that are sent as they come.
  ///
  /// @param type their `Content-Type`
  ByteStream bytes(String type) {
    status = 200;
    if (closeAsked()) {
      connection.closeAfterAnswer();
    }
    header("Content-Type", type);
    header("Cache-Control", "no-cache");
    header("X-Accel-Buffering", "no");
    return new ByteStream(response.outputStream(), connection, limits.stalled());
  }

  private byte[] body() {
    String length = header("Content-Length");
    if (length != null && Long.parseLong(length) > limits.bodyBytes()) {
      throw tooLarge();
    }
    // Chunked bodies announce no length, and an announced one is only an announcement.
    byte[] body = read((int) Math.min(limits.bodyBytes() + 1, Integer.MAX_VALUE - 8));
    if (body.length > limits.bodyBytes()) {
      throw tooLarge();
    }
    return body;
  }

  /// The body's first bytes. Its stream stays open: closing it would read all the rest.
  private byte[] read(int most) {
    try {
      InputStream in = request.content().inputStream();
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      byte[] part = in.readNBytes(Math.min(BodyBudget.FREE, most));
      body.write(part);
      while (part.length > 0 && body.size() < most) {
        int next = Math.min(PART, most - body.size());
        part = in.readNBytes(next);
        share.take(part.length);
        body.write(part);
      }
      return body.toByteArray();
    } catch (TantraException e) {
      connection.refuseBody();
      throw e;
    } catch (IOException | RuntimeException e) { // Helidon throws a dozen kinds for broken chunks
      if (connection.gone()) {
        throw new CloseConnectionException("The client left while it sent its request", e);
      }
      connection.refuseBody();
      throw new TantraException(
          ErrorKind.INVALID, "The request body is cut short or wrongly chunked.", e);
    }
  }

  private TantraException tooLarge() {
    connection.refuseBody();
    return new TantraException(
            ErrorKind.INVALID,
            "The request body is larger than "
                + limits.bodyBytes()
                + " bytes. Send less, or raise http.max-body in Config/host.yaml.")
        .withCode("request_too_large");
  }

  /// Whether the client sends a body that nobody has read and that is too large to read for
  /// nothing.
  private boolean bodyTooLargeToSkip() {
    if (request.content().consumed()) {
      return false;
    }
    String length = header("Content-Length");
    return length == null
        ? header("Transfer-Encoding") != null
        : Long.parseLong(length) > limits.bodyBytes();
  }

  private void send(int code, String type, byte[] body) {
    status = code;
    if (closeAsked()) {
      connection.closeAfterAnswer();
    }
    response.status(Status.create(code));
    header("Content-Type", type);
    if (method().equals("HEAD")) {
      header("Content-Length", Integer.toString(body.length));
      response.send();
      return;
    }
    try (StallGuard guard = new StallGuard(connection, limits.stalled())) {
      if (body.length <= PART) {
        response.send(body);
      } else {
        sendInParts(body, guard);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new CloseConnectionException("The client has left", e);
    }
  }

  private void sendInParts(byte[] body, StallGuard guard) throws IOException {
    header("Content-Length", Integer.toString(body.length));
    try (OutputStream out = response.outputStream()) {
      for (int from = 0; from < body.length; from += PART) {
        out.write(body, from, Math.min(PART, body.length - from));
        guard.progress();
      }
    }
  }

  private boolean closeAsked() {
    return request.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
  }

  private static boolean isJson(String contentType) {
    int end = contentType.indexOf(';');
    String type =
        (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    return type.equals("application/json")
        || (type.startsWith("application/") && type.endsWith("+json"));
  }

  private static String printable(String value) {
    StringBuilder clean = new StringBuilder(value.length());
    for (byte unit : value.getBytes(StandardCharsets.UTF_8)) {
      if (unit >= ' ' && unit < 0x7f) {
        clean.append((char) unit);
      } else {
        clean.append(String.format(Locale.ROOT, "%%%02X", unit));
      }
    }
    return clean.toString();
  }
}
