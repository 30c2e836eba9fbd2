package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Clients that hang up free their place within a second.
final class LeavingTest extends ServerTest {
  private static final String BODY =
      """
      {"model": "gpt2", "stream": %s, "prompt": "Hi"}
      """;

  @Override
  int concurrent() {
    return 1;
  }

  @Override
  Duration stalled() {
    return Duration.ofMillis(200);
  }

  @Test
  void clientThatReadsNothingIsCutOff() throws Exception {
    String[] pieces = new String[500];
    Arrays.fill(pieces, "x".repeat(100_000));
    host.says("gpt2", pieces);
    try (RawClient raw = new RawClient(port)) {
      raw.post(
          "/v1/chat/completions",
          """
          {"model": "gpt2", "stream": true, "messages": [{"role": "user", "content": "Hi"}]}
          """);
      host.calls.take();
      assertTrue(host.ended.tryAcquire(10, TimeUnit.SECONDS), "the answer goes on");
    }
  }

  @Test
  void leavingAStreamCancelsIt() throws Exception {
    host.hangs("gpt2", "Hel");
    try (RawClient raw = new RawClient(port)) {
      raw.post("/v1/completions", BODY.formatted("true"));
      raw.head();
      raw.chunk();
    }
    assertEndsWithinASecond();
  }

  @Test
  void leavingAPlainRequestCancelsIt() throws Exception {
    host.hangs("gpt2", "Hel");
    try (RawClient raw = new RawClient(port)) {
      raw.post("/v1/completions", BODY.formatted("false"));
      host.calls.take();
    }
    assertEndsWithinASecond();
  }

  @Test
  void leavingWhileTheModelLoadsCancelsLoading() throws Exception {
    host.loadsUntilCancelled("gpt2");
    try (RawClient raw = new RawClient(port)) {
      raw.post("/v1/completions", BODY.formatted("true"));
      host.calls.take();
    }
    assertEndsWithinASecond();
  }

  @Test
  void closingOnlyTheSendingHalfCountsAsLeaving() throws Exception {
    host.hangs("gpt2", "Hel");
    try (RawClient raw = new RawClient(port)) {
      raw.post("/v1/completions", BODY.formatted("true"));
      raw.head();
      raw.shutdownOutput();
      assertEndsWithinASecond();
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
    assertEndsWithinASecond();
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

  private void awaitWaiting(int requests) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    String line = "tantra_http_waiting " + requests + ".0\n";
    while (!client.get("/metrics").body().contains(line)) {
      assertTrue(System.nanoTime() < until, line);
    }
  }

  private void assertEndsWithinASecond() throws InterruptedException {
    assertTrue(host.ended.tryAcquire(1, TimeUnit.SECONDS), "the answer goes on");
  }
}
