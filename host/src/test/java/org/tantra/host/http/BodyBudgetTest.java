package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tantra.host.config.HostConfig;

/// Bodies of at most 256 KiB; two of them at once.
final class BodyBudgetTest extends ServerTest {
  private static final String LARGE =
      """
      {"model": "gpt2", "stream": true, "prompt": "%s"}
      """
          .formatted("x".repeat(250_000));

  @Override
  HostConfig.Http config() {
    return new HostConfig.Http("127.0.0.1", 0, List.of(), List.of(), 1 << 18, 8, List.of());
  }

  @Test
  void bodiesOfAllRequestsTogetherAreBounded() throws Exception {
    host.hangs("gpt2", "Hel").says("small", "x");
    try (RawClient one = new RawClient(port);
        RawClient two = new RawClient(port)) {
      for (RawClient client : List.of(one, two)) {
        client.post("/v1/completions", LARGE);
        client.head();
      }

      HttpResponse<String> third = client.post("/v1/completions", LARGE);

      assertEquals(429, third.statusCode(), third.body());
      assertEquals("queue_full", Client.json(third).get("error").get("code").asText());
      assertTrue(third.headers().firstValue("Retry-After").isPresent());
      assertEquals(200, complete("small", "\"prompt\": \"x\", ").statusCode());
    }
    String other = LARGE.replace("gpt2", "small");
    await(
        "what is over holds nothing",
        () -> client.post("/v1/completions", other).statusCode() == 200);
  }
}
