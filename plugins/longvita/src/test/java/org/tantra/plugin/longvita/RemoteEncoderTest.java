package org.tantra.plugin.longvita;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.testkit.SamplePictures;
import org.tantra.testkit.TestLoadContext;

/// The remote encoder against a server of the test.
final class RemoteEncoderTest {
  private static final byte[] BYTES = SamplePictures.file("1x1.png");
  private static final Media PICTURE =
      new Media.Encoded(Modality.IMAGE, MemorySegment.ofArray(BYTES));

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final List<String> bodies = new ArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer server;
  private Answer answer = exchange -> send(exchange, 200, "{\"data\":[{\"embedding\":[3,4]}]}");

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/v1/embeddings",
        exchange -> {
          requests.incrementAndGet();
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          synchronized (bodies) {
            bodies.add(body);
          }
          answer.to(exchange);
        });
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private LoadedEncoder load(Map<String, Object> more) {
    Map<String, Object> model = new HashMap<>(more);
    model.putIfAbsent("base_url", "http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    return new RemoteEncoder().load(TestLoadContext.empty().withSettings(Map.of("model", model)));
  }

  private static TantraException refused(LoadedEncoder encoder) {
    return assertThrows(TantraException.class, () -> encoder.embed(PICTURE, Cancellation.NEVER));
  }

  @Test
  void answerOfAnyWidthBecomesAUnitVector() {
    try (LoadedEncoder encoder = load(Map.of("name", "tower", "api_key", "secret"))) {
      float[] vector = encoder.embed(PICTURE, Cancellation.NEVER).toFloats();

      assertEquals(768, vector.length);
      assertEquals(0.6f, vector[0], 1e-6);
      assertEquals(0.8f, vector[1], 1e-6);
    }
    assertTrue(bodies.getFirst().contains("\"model\":\"tower\""), bodies.getFirst());
    assertTrue(
        bodies
            .getFirst()
            .contains(
                "{\"image\":\"data:application/octet-stream;base64,"
                    + Base64.getEncoder().encodeToString(BYTES)
                    + "\"}"),
        bodies.getFirst());
  }

  @Test
  void withoutAnAddressItDeclines() {
    assertEquals(
        ErrorKind.UNSUPPORTED,
        assertThrows(TantraException.class, () -> new RemoteEncoder().load(TestLoadContext.empty()))
            .kind());
  }

  @Test
  void whatIsNoAddressIsNamed() {
    assertTrue(
        assertThrows(TantraException.class, () -> load(Map.of("base_url", "ftp:/x")))
            .getMessage()
            .contains("ftp:/x"));
  }

  @Test
  void busyServerIsAskedAgain() {
    answer =
        exchange -> {
          if (requests.get() < 3) {
            send(exchange, 500, "");
          } else {
            send(exchange, 200, "{\"data\":[{\"embedding\":[1]}]}");
          }
        };
    try (LoadedEncoder encoder = load(Map.of())) {
      assertEquals(1, encoder.embed(PICTURE, Cancellation.NEVER).toFloats()[0]);
    }
    assertEquals(3, requests.get());
  }

  @Test
  void serverThatStaysBusyIsGivenUp() {
    answer = exchange -> send(exchange, 500, "");
    try (LoadedEncoder encoder = load(Map.of("retries", 1))) {
      TantraException refusal = refused(encoder);
      assertEquals(ErrorKind.BUSY, refusal.kind());
      assertTrue(refusal.getMessage().contains("status 500 (2 tries)"), refusal.getMessage());
    }
  }

  @Test
  void refusedKeyIsNotTriedAgain() {
    answer = exchange -> send(exchange, 401, "");
    try (LoadedEncoder encoder = load(Map.of())) {
      assertEquals(ErrorKind.UNSUPPORTED, refused(encoder).kind());
    }
    assertEquals(1, requests.get());
  }

  @Test
  void garbageIsCalledSo() {
    for (String garbage :
        List.of("", "<html>", "{\"data\":[]}", "{\"embedding\":[]}", "{\"embedding\":[\"a\"]}")) {
      answer = exchange -> send(exchange, 200, garbage);
      try (LoadedEncoder encoder = load(Map.of())) {
        assertEquals(ErrorKind.CORRUPT, refused(encoder).kind(), garbage);
      }
    }
  }

  @Test
  void silentServerIsGivenUpAfterTheLimit() {
    answer = exchange -> awaitEnd();
    try (LoadedEncoder encoder = load(Map.of("timeout_seconds", 1, "retries", 0))) {
      assertEquals(ErrorKind.BUSY, refused(encoder).kind());
    }
  }

  @Test
  void callerWhoHasGoneIsNoticed() {
    AtomicBoolean gone = new AtomicBoolean();
    answer =
        exchange -> {
          gone.set(true);
          awaitEnd();
        };
    try (LoadedEncoder encoder = load(Map.of())) {
      assertEquals(
          ErrorKind.CANCELLED,
          assertThrows(TantraException.class, () -> encoder.embed(PICTURE, gone::get)).kind());
    }
  }

  private void awaitEnd() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void serverThatIsDownIsGivenUp() {
    server.stop(0);
    try (LoadedEncoder encoder = load(Map.of("retries", 0))) {
      assertEquals(ErrorKind.BUSY, refused(encoder).kind());
    }
  }
}
