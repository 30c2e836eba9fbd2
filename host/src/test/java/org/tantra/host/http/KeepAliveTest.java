package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Streams whose silence is short.
final class KeepAliveTest extends ServerTest {
  private static final String PING = ": ping\n\n";

  @Override
  Duration keepAlive() {
    return Duration.ofMillis(50);
  }

  @Test
  void silenceIsFilledWithComments() throws Exception {
    host.hangs("gpt2", "Hel");
    try (RawClient raw = new RawClient(port)) {
      raw.post(
          "/v1/completions",
          """
          {"model": "gpt2", "stream": true, "prompt": "Hi"}
          """);
      raw.head();

      String first = raw.chunk();
      while (first.equals(PING)) { // a busy machine is silent before the first piece, too
        first = raw.chunk();
      }

      assertTrue(first.startsWith("data: {"), first);
      assertEquals(PING, raw.chunk());
    }
  }
}
