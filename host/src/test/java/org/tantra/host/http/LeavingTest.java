package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Clients that hang up free their place at once, although nothing is being written to them.
final class LeavingTest extends ServerTest {
  private static final String BODY =
      """
      {"model": "gpt2", "stream": %s, "prompt": "Hi"}
      """;

  @Override
  int concurrent() {
    return 1;
  }

  /// So that no ping finds out that a client has left.
  @Override
  Duration keepAlive() {
    return Duration.ofHours(1);
  }

  @Test
  void longWholeAnswerArrivesWhole() {
    String text = "x".repeat(1_000_000);
    host.says("gpt2", text);

    HttpResponse<String> response = complete("gpt2", "\"prompt\": \"x\", ");

    assertEquals(text, Client.json(response).get("choices").get(0).get("text").asText());
    assertEquals(
        response.body().length(), response.headers().firstValueAsLong("Content-Length").orElse(0));
  }

  @Test
  void leavingAStreamCancelsIt() throws Exception {
    host.hangs("gpt2", "Hel");
    try (RawClient raw = new RawClient(port)) {
      raw.post("/v1/completions", BODY.formatted("true"));
      raw.head();
      raw.chunk();
    }
    assertEnds();
  }

  @Test
  void leavingAPlainRequestCancelsIt() throws Exception {
    host.hangs("gpt2", "Hel");
    try (RawClient raw = new RawClient(port)) {
      raw.post("/v1/completions", BODY.formatted("false"));
      host.calls.take();
    }
    assertEnds();
  }

  @Test
  void leavingWhileTheModelLoadsCancelsLoading() throws Exception {
    host.loadsUntilCancelled("gpt2");
    try (RawClient raw = new RawClient(port)) {
      raw.post("/v1/completions", BODY.formatted("true"));
      host.calls.take();
    }
    assertEnds();
  }

  @Test
  void closingOnlyTheSendingHalfCountsAsLeaving() throws Exception {
    host.hangs("gpt2", "Hel");
    try (RawClient raw = new RawClient(port)) {
      raw.post("/v1/completions", BODY.formatted("true"));
      raw.head();
      raw.shutdownOutput();
      assertEnds();
    }
  }

  @Test
  void leavingTheQueueLetsTheNextOneMoveUp() throws Exception {
    host.hangs("gpt2", "Hel").says("small", "x");
    try (RawClient inside = new RawClient(port)) {
      inside.post("/v1/completions", BODY.formatted("true"));
      inside.head();
      try (RawClient waiting = new RawClient(port)) {
        waiting.post("/v1/completions", BODY.formatted("true"));
        awaitWaiting(1);
      }
      awaitWaiting(0);
      assertEquals(1, host.calls.size(), "who left the queue never reached the host");
    }
    assertEnds();
    assertEquals(200, complete("small", "\"prompt\": \"x\", ").statusCode());
  }

  @Test
  void nextRequestOfTheSameConnectionIsAnswered() throws Exception {
    host.says("gpt2", "a");
    try (RawClient raw = new RawClient(port)) {
      for (int i = 0; i < 3; i++) {
        raw.post("/v1/completions", BODY.formatted("true"));
        raw.head();
        assertEquals("data: [DONE]\n\n", raw.chunks().getLast());
      }
      raw.request("GET /livez HTTP/1.1", "Host: localhost");
      raw.request("GET /livez HTTP/1.1", "Host: localhost", "Connection: close");
      String answers = raw.rest();
      assertEquals(3, answers.split("HTTP/1.1 200 OK", -1).length, answers);
    }
  }

  private void awaitWaiting(int requests) {
    awaitMetrics("tantra_http_waiting " + requests + ".0");
  }

  private void assertEnds() throws InterruptedException {
    assertTrue(host.ended.tryAcquire(60, TimeUnit.SECONDS), "the answer goes on");
  }
}
