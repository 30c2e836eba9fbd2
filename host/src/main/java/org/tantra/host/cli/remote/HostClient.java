package org.tantra.host.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Asks a serving host over HTTP.
public final class HostClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final URI base;
  private final @Nullable String key;

  /// @param host which one
  /// @param key API key to send; null for none
  public HostClient(RunFile host, @Nullable String key) {
    String address =
        switch (host.host()) {
          case "0.0.0.0", "::", "[::]" -> "127.0.0.1"; // listens everywhere, so here too
          case String ip when ip.contains(":") && !ip.startsWith("[") -> "[" + ip + "]";
          case String name -> name;
        };
    this.base = URI.create("http://" + address + ":" + host.port());
    this.key = key;
  }

  /// Where the host is.
  public URI base() {
    return base;
  }

  /// The JSON document of a route.
  ///
  /// @throws TantraException with the host's own message if it refuses; `BUSY` if it is not there
  public JsonNode get(String path) {
    return json(send(request(path).timeout(PATIENCE).GET().build(), BodyHandlers.ofByteArray()));
  }

  /// Posts a document and reads the answer.
  ///
  /// @throws TantraException as [#get(String)]
  public Answer post(String path, Map<String, ?> body) {
    HttpResponse<byte[]> response =
        send(
            request(path).timeout(PATIENCE).POST(BodyPublishers.ofByteArray(bytes(body))).build(),
            BodyHandlers.ofByteArray());
    return new Answer(json(response), response.headers());
  }

  /// Posts a document and leaves the answer to the caller, who reads and closes it.
  public HttpResponse<InputStream> stream(String path, Map<String, ?> body) {
    return send(
        request(path).POST(BodyPublishers.ofByteArray(bytes(body))).build(),
        BodyHandlers.ofInputStream());
  }

  /// @param body the document
  /// @param headers as the host sent them
  public record Answer(JsonNode body, java.net.http.HttpHeaders headers) {}

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).header("Content-Type", "application/json");
    return key == null ? request : request.header("Authorization", "Bearer " + key);
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (ConnectException e) {
      throw new TantraException(
          ErrorKind.BUSY, "Nobody answers on " + base + "; the host may be starting or ending.", e);
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "Asking " + request.uri() + " failed: " + e + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(ErrorKind.CANCELLED, "Interrupted while asking " + base + ".", e);
    }
  }

  private static JsonNode json(HttpResponse<byte[]> response) {
    JsonNode body;
    try {
      body = MAPPER.readTree(response.body());
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INTERNAL,
          response.uri()
              + " answered "
              + response.statusCode()
              + " with something that is no JSON.",
          e);
    }
    if (response.statusCode() >= 400) {
      throw new TantraException(
          kind(response.statusCode()),
          body.path("error").path("message").asText("status " + response.statusCode()));
    }
    return body;
  }

  private static ErrorKind kind(int status) {
    return switch (status) {
      case 404 -> ErrorKind.NOT_FOUND;
      case 429, 503 -> ErrorKind.BUSY;
      case 501 -> ErrorKind.UNSUPPORTED;
      default -> status < 500 ? ErrorKind.INVALID : ErrorKind.INTERNAL;
    };
  }

  private static byte[] bytes(Map<String, ?> body) {
    try {
      return MAPPER.writeValueAsBytes(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
