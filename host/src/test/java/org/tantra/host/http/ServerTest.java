package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.tantra.host.config.HostConfig;

/// A server over a [FakeHost] on a free port, and a client of it.
abstract class ServerTest {
  final FakeHost host = new FakeHost(concurrent());
  final HttpServer server = new HttpServer(host, config(), remote(), keepAlive(), stalled());
  final int port = server.start();
  final Client client = new Client(port);

  int concurrent() {
    return 8;
  }

  HostConfig.Http config() {
    return FakeHost.http(List.of(), List.of(), 8);
  }

  RemoteFiles remote() {
    return new RemoteFiles(config().remoteMedia());
  }

  Duration keepAlive() {
    return HttpServer.KEEP_ALIVE;
  }

  Duration stalled() {
    return HttpServer.STALLED;
  }

  @AfterEach
  final void stop() {
    client.close();
    server.close();
  }

  /// Asks for chat with further fields, each followed by a comma.
  final HttpResponse<String> chat(String model, String fields, String... headers) {
    return client.post(
        "/v1/chat/completions",
        "{"
            + fields
            + "\"model\": \""
            + model
            + "\", \"messages\": [{\"role\": \"user\", \"content\": \"Say hello.\"}]}",
        headers);
  }

  /// Asks for completions with further fields, each followed by a comma.
  final HttpResponse<String> complete(String model, String fields, String... headers) {
    return client.post("/v1/completions", "{" + fields + "\"model\": \"" + model + "\"}", headers);
  }

  /// Waits until it is so.
  static void await(String what, BooleanSupplier seen) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!seen.getAsBoolean()) {
      assertTrue(System.nanoTime() < until, what);
    }
  }

  /// Waits until the metrics have all these lines: a request is counted after it is answered.
  final void awaitMetrics(String... lines) {
    for (String line : lines) {
      await(line, () -> metrics().contains(line));
    }
  }

  final List<String> metrics() {
    return client.get("/metrics").body().lines().toList();
  }

  /// A 400 that names the field at fault.
  static void assertFieldRefused(String param, String code, HttpResponse<String> response) {
    assertEquals(400, response.statusCode(), response.body());
    JsonNode error = Client.json(response).get("error");
    assertEquals(param, error.get("param").asText());
    assertEquals(code, error.get("code").asText());
    assertEquals("invalid_request_error", error.get("type").asText());
    assertFalse(error.get("message").asText().isBlank());
  }
}
