package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.Media;
import org.tantra.api.Prompt;
import org.tantra.api.TextRecognition;
import org.tantra.host.config.HostConfig;
import org.tantra.host.config.RemotePlace;
import org.tantra.host.resolve.FakeMedia;

/// Files that a request names by address, fetched from a server on this machine.
final class RemoteMediaTest extends ServerTest {
  private static final byte[] PICTURE = {(byte) 0x89, 'P', 'N', 'G', 1, 2, 3};

  /// The names by which it was asked.
  private static final Set<String> ASKED = ConcurrentHashMap.newKeySet();

  private static final CountDownLatch NEVER = new CountDownLatch(1);

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static com.sun.net.httpserver.HttpServer elsewhere;

  @BeforeAll
  static void serveFiles() throws IOException {
    elsewhere =
        com.sun.net.httpserver.HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    elsewhere.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    elsewhere.createContext("/", RemoteMediaTest::serve);
    elsewhere.start();
  }

  @AfterAll
  static void stopServing() {
    NEVER.countDown();
    elsewhere.stop(0);
  }

  private static void serve(HttpExchange exchange) throws IOException {
    ASKED.add(exchange.getRequestHeaders().getFirst("Host"));
    String path = exchange.getRequestURI().getPath();
    try (exchange) {
      switch (path) {
        case "/pictures/a.png", "/pictures/b.png" -> {
          exchange.getResponseHeaders().add("Content-Type", "text/html");
          send(exchange, PICTURE);
        }
        case "/pictures/half.png" -> send(exchange, new byte[40_000]);
        case "/pictures/large.png" -> {
          exchange.sendResponseHeaders(200, 0); // chunked: nobody knows how long
          for (int i = 0; i < 1 << 14; i++) {
            exchange.getResponseBody().write(new byte[1 << 14]);
          }
        }
        case "/pictures/short.png" -> {
          exchange.sendResponseHeaders(200, 1_000);
          exchange.getResponseBody().write(PICTURE);
        }
        case "/pictures/moved.png" -> leadTo(exchange, "a.png");
        case "/pictures/circle.png" -> leadTo(exchange, "circle.png");
        case "/pictures/out.png" -> leadTo(exchange, "/secret.png");
        case "/pictures/nowhere.png" -> leadTo(exchange, "http://[");
        case "/pictures/hangs.png" -> await();
        default -> exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private static void await() {
    try {
      NEVER.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, byte[] body) throws IOException {
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static void leadTo(HttpExchange exchange, String address) throws IOException {
    exchange.getResponseHeaders().add("Location", address);
    exchange.sendResponseHeaders(302, -1);
  }

  private static int there() {
    return elsewhere.getAddress().getPort();
  }

  private static RemotePlace pictures(String host) {
    return new RemotePlace("http", host, there(), "/pictures/");
  }

  @Override
  HostConfig.Http config() {
    return new HostConfig.Http(
        "127.0.0.1",
        0,
        List.of(),
        List.of(),
        1 << 16,
        8,
        List.of(pictures("127.0.0.1"), pictures("pictures.example.org")));
  }

  /// Everything is on this machine, whatever it is called.
  @Override
  RemoteFiles remote() {
    return new RemoteFiles(
        config().remoteMedia(), _ -> new InetAddress[] {InetAddress.getLoopbackAddress()});
  }

  private static String address(String path) {
    return "http://127.0.0.1:" + there() + path;
  }

  private HttpResponse<String> embed(String... addresses) {
    StringBuilder items = new StringBuilder();
    for (String address : addresses) {
      items.append(items.isEmpty() ? "" : ", ").append("{\"image\": \"" + address + "\"}");
    }
    return client.post("/v1/embeddings", "{\"input\": [" + items + "]}");
  }

  @Test
  void listedPictureOfAChatIsFetched() {
    host.says("gpt2", "x");

    HttpResponse<String> response =
        client.post(
            "/v1/chat/completions",
            """
            {"model": "gpt2", "messages": [{"role": "user", "content": [
              {"type": "image_url", "image_url": {"url": "%s"}}]}]}
            """
                .formatted(address("/pictures/a.png")));

    assertEquals(200, response.statusCode(), response.body());
    Prompt.Chat chat = (Prompt.Chat) host.calls.element().request().prompt();
    Prompt.MediaPart part = (Prompt.MediaPart) chat.messages().getFirst().parts().getFirst();
    assertArrayEquals(PICTURE, FakeMedia.bytes(part.bytes()));
  }

  @Test
  void listedPicturesAreEncodedAndReadAlsoWhenTheyMovedInsideTheList() {
    assertEquals(
        200, embed(address("/pictures/a.png"), address("/pictures/moved.png")).statusCode());
    List<?> items = (List<?>) host.media.calls.remove().request();
    for (Object item : items) {
      assertArrayEquals(PICTURE, FakeMedia.bytes(((Media.Encoded) item).bytes()));
    }
    assertEquals(2, items.size());

    HttpResponse<String> read =
        client.post("/v1/ocr", "{\"image\": \"" + address("/pictures/b.png") + "\"}");

    assertEquals(200, read.statusCode(), read.body());
    TextRecognition.Image.Encoded page =
        (TextRecognition.Image.Encoded) host.media.calls.remove().request();
    assertArrayEquals(PICTURE, FakeMedia.bytes(page.bytes()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/secret.png | http.remote-media in Config/host.yaml does not list it",
        "/pictures/../secret.png | http.remote-media in Config/host.yaml does not list it",
        "/pictures/missing.png | answers with status 404",
        "/pictures/out.png | /secret.png'; http.remote-media in Config/host.yaml does not list it",
        "/pictures/circle.png | leads on more than 5 times",
        "/pictures/nowhere.png | leads to 'http://[', which is no valid address",
        "/pictures/short.png | cannot be fetched",
        "/pictures/a b.png | is no valid address",
      })
  void refusalsNameTheFieldAndWhatToDo(String path, String said) {
    HttpResponse<String> response = embed(address(path));

    assertFieldRefused("input[0].image", "invalid_value", response);
    String message = Client.json(response).get("error").get("message").asText();
    assertTrue(message.contains(said), message);
    assertTrue(host.media.calls.isEmpty(), "the host was not asked");
  }

  @Test
  void machineThatIsNotListedIsNeverAsked() {
    HttpResponse<String> response = embed("http://localhost:" + there() + "/pictures/a.png");

    assertFieldRefused("input[0].image", "invalid_value", response);
    assertFalse(ASKED.contains("localhost:" + there()), ASKED.toString());
  }

  @Test
  void publicNameThatLeadsInsideIsNeverAsked() {
    HttpResponse<String> response =
        embed("http://pictures.example.org:" + there() + "/pictures/a.png");

    assertFieldRefused("input[0].image", "invalid_value", response);
    assertTrue(response.body().contains("http.remote-media"), response.body());
    assertTrue(response.body().contains("own network"), response.body());
    assertFalse(ASKED.contains("pictures.example.org:" + there()), ASKED.toString());
  }

  @Test
  void fileWithoutEndIsCutOffAtTheLimitOfABody() {
    HttpResponse<String> response = embed(address("/pictures/large.png"));

    assertEquals(413, response.statusCode(), response.body());
    assertTrue(response.body().contains("http.max-body"), response.body());
  }

  @Test
  void filesOfOneRequestShareTheLimit() {
    String half = address("/pictures/half.png");

    assertEquals(200, embed(half).statusCode());
    HttpResponse<String> both = embed(half, half);
    assertEquals(413, both.statusCode(), both.body());
    assertTrue(both.body().contains("input[1].image"), both.body());
  }

  @Test
  void whatWasFetchedIsGivenBack() {
    for (int i = 0; i < 8; i++) { // more than the budget of all bodies, were any kept
      assertEquals(200, embed(address("/pictures/half.png")).statusCode());
    }
  }

  @Test
  void serverThatNeverAnswersIsLeftAtTheDeadlineOfTheCaller() {
    HttpResponse<String> response =
        client.post(
            "/v1/embeddings",
            "{\"input\": [{\"image\": \"" + address("/pictures/hangs.png") + "\"}]}",
            "X-Tantra-Timeout",
            "0.3");

    assertEquals(504, response.statusCode(), response.body());
  }
}
