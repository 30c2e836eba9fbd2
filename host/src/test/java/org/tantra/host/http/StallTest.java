package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/// Clients that read nothing are cut off soon.
final class StallTest extends ServerTest {
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
      assertTrue(host.ended.tryAcquire(60, TimeUnit.SECONDS), "the answer goes on");
    }
  }

  @Test
  void clientThatReadsNoneOfAWholeAnswerKeepsNoPlaceAndIsCutOff() throws Exception {
    host.says("gpt2", "x".repeat(50_000_000)).says("small", "x");
    try (RawClient raw = new RawClient(port)) {
      raw.post(
          "/v1/completions",
          """
          {"model": "gpt2", "stream": false, "prompt": "Hi"}
          """);
      host.calls.take();

      await("an answer for another", () -> tried(this::anotherIsAnswered));
      await("the end of the first", () -> tried(this::firstIsCounted));
    }
  }

  private boolean anotherIsAnswered() {
    return complete("small", "\"prompt\": \"x\", ").statusCode() == 200;
  }

  private boolean firstIsCounted() {
    return metrics().stream()
        .anyMatch(
            line ->
                line.startsWith("tantra_http_requests_total{")
                    && line.contains("model=\"gpt2\"")
                    && line.endsWith("} 1.0"));
  }

  /// A busy machine may keep this client, too, from reading in time.
  private static boolean tried(BooleanSupplier request) {
    try {
      return request.getAsBoolean();
    } catch (UncheckedIOException _) {
      return false;
    }
  }
}
