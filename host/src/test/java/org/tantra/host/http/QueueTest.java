package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tantra.host.config.HostConfig;

/// One place inside, nobody may wait.
final class QueueTest extends ServerTest {
  private static final String STREAM =
      """
      {"model": "gpt2", "stream": true, "prompt": "Hi"}
      """;

  @Override
  int concurrent() {
    return 1;
  }

  @Override
  HostConfig.Http config() {
    return FakeHost.http(List.of(), List.of(), 0);
  }

  @Test
  void fullQueueIsSaidAtOnce() throws Exception {
    host.hangs("gpt2", "Hel");
    try (RawClient inside = new RawClient(port)) {
      inside.post("/v1/completions", STREAM);
      inside.head();

      HttpResponse<String> response = chat("gpt2", "");

      assertEquals(429, response.statusCode(), response.body());
      JsonNode error = Client.json(response).get("error");
      assertEquals("rate_limit_error", error.get("type").asText());
      assertEquals("queue_full", error.get("code").asText());
      assertEquals("1", response.headers().firstValue("Retry-After").orElseThrow());
      assertEquals(200, client.get("/v1/models").statusCode(), "other routes are not held up");
    }
  }

  @Test
  void closingEndsStreamsAndStopsListening() throws Exception {
    host.says("gpt2", "a");
    assertEquals(200, chat("gpt2", "").statusCode());

    server.close();
    server.close();

    assertTrue(
        assertThrows(UncheckedIOException.class, () -> client.get("/livez")).getCause()
            instanceof ConnectException);
  }
}
