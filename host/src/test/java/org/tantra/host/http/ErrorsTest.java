package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.resolve.Attempt;

final class ErrorsTest extends ServerTest {
  private static final byte[] JSON_BYTES =
      "{}[]\",:01eE-x\u0000\\u".getBytes(StandardCharsets.US_ASCII);

  private static final String CHAT = "/v1/chat/completions";

  @Test
  void invalidJsonNamesLineAndColumn() {
    HttpResponse<String> response = client.post(CHAT, "{\n\n  oops}");

    assertError(400, "invalid_request_error", "invalid_value", response);
    assertTrue(message(response).contains("at line 3, column "), message(response));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1, 2]        | an array",
        "\"text\"      | the text \"text\"",
        "null          | null",
        "{} {}         | line 1",
        "{\"model\": \"gpt2\" | line 1",
        "{\"model\": NaN}     | line 1",
        "{\"model\": [}       | expected ']' (for Array starting at line: 1, column: 11)",
      })
  void bodyThatIsNoObjectIsRefused(String body, String said) {
    HttpResponse<String> response = client.post(CHAT, body);

    assertError(400, "invalid_request_error", "invalid_value", response);
    assertTrue(message(response).contains(said), message(response));
  }

  @Test
  void missingBodyIsSaid() {
    HttpResponse<String> response = client.post(CHAT, "");

    assertError(400, "invalid_request_error", "invalid_value", response);
    assertTrue(message(response).contains("has no body"), message(response));
  }

  @Test
  void deepJsonIsRefused() {
    HttpResponse<String> response = client.post(CHAT, "{\"a\": " + "[".repeat(10_000));

    assertError(400, "invalid_request_error", "invalid_value", response);
    assertTrue(message(response).contains("128"), message(response));
  }

  @Test
  void halfASurrogatePairDoesNotBreakTheAnswer() {
    HttpResponse<String> response = chat("\\ud83d", "");

    assertError(404, "invalid_request_error", "model_not_found", response);
  }

  @Test
  void unknownModelIsNamed() {
    HttpResponse<String> response = chat("nobody", "");

    assertError(404, "invalid_request_error", "model_not_found", response);
    assertEquals("model", Client.json(response).get("error").get("param").asText());
    assertTrue(message(response).contains("'nobody'"));
  }

  @Test
  void unknownRouteAndWrongMethodAreJson() {
    assertError(404, "invalid_request_error", "unknown_url", client.get("/v1/nothing"));
    HttpResponse<String> wrong = client.get(CHAT);
    assertError(405, "invalid_request_error", "method_not_allowed", wrong);
    assertEquals("POST, OPTIONS", wrong.headers().firstValue("Allow").orElseThrow());
    assertError(
        405, "invalid_request_error", "method_not_allowed", client.method("DELETE", "/v1/models"));
  }

  @Test
  void otherContentTypesAreRefusedButNoneIsFine() {
    host.says("gpt2", "x");
    HttpRequest.BodyPublisher body =
        HttpRequest.BodyPublishers.ofString("{\"model\": \"gpt2\", \"prompt\": \"x\"}");

    HttpResponse<String> form =
        client.send(
            client
                .request("/v1/completions", "Content-Type", "application/x-www-form-urlencoded")
                .POST(body));
    HttpResponse<String> charset =
        client.send(
            client
                .request("/v1/completions", "Content-Type", "application/json; charset=utf-8")
                .POST(body));
    HttpResponse<String> none = client.send(client.request("/v1/completions").POST(body));

    assertError(415, "invalid_request_error", "unsupported_media_type", form);
    assertEquals(200, charset.statusCode());
    assertEquals(200, none.statusCode());
  }

  @Test
  void announcedBodyThatIsTooLargeIsRefusedUnread() throws Exception {
    try (RawClient raw = new RawClient(port)) {
      raw.request("POST /v1/completions HTTP/1.1", "Host: localhost", "Content-Length: 99999999999")
          .send("{");

      assertRefusedAndClosed(413, "request_too_large", raw);
    }
  }

  @Test
  void bodyThatTurnsOutTooLargeIsRefusedWhileReading() throws Exception {
    try (RawClient raw = new RawClient(port)) {
      raw.request("POST /v1/completions HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked");
      String chunk = "8000\r\n" + " ".repeat(0x8000) + "\r\n";
      raw.send(chunk).send(chunk).send(chunk).send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");

      assertRefusedAndClosed(413, "request_too_large", raw);
    }
  }

  @Test
  void wronglyChunkedBodyIsRefused() throws Exception {
    try (RawClient raw = new RawClient(port)) {
      raw.request("POST /v1/completions HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
          .send("zz\r\n{}\r\n");

      assertRefusedAndClosed(400, "invalid_value", raw);
    }
  }

  @Test
  void longBodyOfARouteThatIsNotThereIsNotRead() throws Exception {
    try (RawClient raw = new RawClient(port)) {
      raw.request("POST /nothing HTTP/1.1", "Host: localhost", "Content-Length: 99999999999")
          .send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");

      assertRefusedAndClosed(404, "unknown_url", raw);
    }
  }

  @Test
  void brokenHttpIsAnsweredWithJson() throws Exception {
    try (RawClient raw = new RawClient(port)) {
      String answer = raw.request("GET /v1/models HTTP/1.1", "Host: a", "Host : b").rest();

      assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
      assertTrue(answer.contains("{\"error\":{\"message\":"), answer);
      assertTrue(answer.toLowerCase(Locale.ROOT).contains("\r\nx-request-id: req_"));
    }
  }

  @Test
  void olderHttpIsAnsweredWithJson() throws Exception {
    try (RawClient raw = new RawClient(port)) {
      String answer = raw.request("GET /livez HTTP/1.0", "Host: a").rest();

      assertTrue(answer.startsWith("HTTP/1.1 505 "), answer);
      assertTrue(answer.contains("This host speaks HTTP/1.1"), answer);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID,    400, invalid_request_error, invalid_value,       ,      ",
    "NOT_FOUND,  404, invalid_request_error, not_found,           ,      ",
    "UNSUPPORTED,400, invalid_request_error, unsupported_value,   ,      ",
    "CORRUPT,    503, server_error,          model_load_failed,   false, ",
    "EXHAUSTED,  503, server_error,          insufficient_memory, false, ",
    "BUSY,       503, service_unavailable,   busy,                ,      1",
    "CANCELLED,  503, service_unavailable,   cancelled,           ,      ",
    "INTERNAL,   500, server_error,          inference_failed,    ,      ",
  })
  void eachKindHasItsRow(
      ErrorKind kind, int status, String type, String code, String retry, String after) {
    host.fails("gpt2", new TantraException(kind, "It is said."));

    HttpResponse<String> response = chat("gpt2", "");

    assertError(status, type, code, response);
    assertEquals("It is said.", message(response));
    assertEquals(retry, response.headers().firstValue("x-should-retry").orElse(null));
    assertEquals(after, response.headers().firstValue("Retry-After").orElse(null));
  }

  @Test
  void codeOfAnErrorDecidesBeforeItsKind() {
    host.fails(
            "long",
            new TantraException(ErrorKind.INVALID, "Too long.").withCode("context_length_exceeded"))
        .fails(
            "loading", new TantraException(ErrorKind.BUSY, "It loads.").withCode("model_loading"));

    assertError(400, "invalid_request_error", "context_length_exceeded", chat("long", ""));
    HttpResponse<String> loading = chat("loading", "");
    assertError(503, "service_unavailable", "model_loading", loading);
    assertTrue(loading.headers().firstValue("Retry-After").isPresent());
  }

  @Test
  void exhaustedChainNamesEveryAttempt() {
    host.unserved(
        "gpt2",
        new Attempt("gpt2", Attempt.Kind.NO_WEIGHTS, "There is no checkpoint."),
        new Attempt("small", Attempt.Kind.LOAD_FAILED, "It broke."));

    HttpResponse<String> response = chat("gpt2", "");

    assertError(503, "server_error", "model_load_failed", response);
    assertEquals("false", response.headers().firstValue("x-should-retry").orElseThrow());
    assertEquals(
        "gpt2=no_weights, small=load_failed",
        response.headers().firstValue("X-Tantra-Fallback-Trace").orElseThrow());
    assertEquals(
        "It broke.",
        Client.json(response).get("error").get("attempts").get(1).get("reason").asText());
  }

  @Test
  void surprisesAreAnsweredWithoutDetails() {
    host.fails("gpt2", new IllegalStateException("secret"));
    Logger log = (Logger) LoggerFactory.getLogger(Front.class);
    log.setLevel(Level.OFF);

    HttpResponse<String> response = chat("gpt2", "", "X-Request-Id", "mine-1");
    log.setLevel(null);

    assertError(500, "server_error", "internal_error", response);
    assertFalse(response.body().contains("secret"));
    assertTrue(message(response).contains("mine-1"));
  }

  @Test
  void requestIdsAreGivenAndEchoed() {
    String given =
        client.get("/livez", "X-Request-Id", "abc-1").headers().firstValue("x-request-id").get();
    String made = client.get("/nothing").headers().firstValue("x-request-id").orElseThrow();
    String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    HttpResponse<String> traced = client.get("/livez", "traceparent", trace);

    assertEquals("abc-1", given);
    assertTrue(made.matches("req_[0-9a-f]{32}"), made);
    assertEquals(trace, traced.headers().firstValue("traceparent").orElseThrow());
  }

  @Test
  void noBodyWhateverItIsGivesA500() {
    host.says("gpt2", "x");
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    byte[] valid =
        """
        {"model": "gpt2", "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
         "stop": ["x"], "logit_bias": {"1": 2}, "prompt": [[1, 2], "a"], "n": 1, "seed": 12}
        """
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 400; i++) {
      byte[] body;
      if (i % 2 == 0) {
        body = new byte[random.nextInt(64)];
        random.nextBytes(body);
      } else {
        body = valid.clone();
        for (int j = random.nextInt(4); j >= 0; j--) {
          body[random.nextInt(body.length)] = JSON_BYTES[random.nextInt(JSON_BYTES.length)];
        }
      }
      for (String path : List.of(CHAT, "/v1/completions")) {
        HttpResponse<String> response = client.postBytes(path, body);
        assertTrue(
            response.statusCode() < 500,
            () ->
                "seed " + seed + ": " + new String(body, StandardCharsets.UTF_8) + response.body());
      }
    }
  }

  /// One answer, and then the end, whatever else was sent.
  private static void assertRefusedAndClosed(int status, String code, RawClient raw)
      throws IOException {
    List<String> head = raw.head();
    assertTrue(head.getFirst().startsWith("HTTP/1.1 " + status + " "), () -> "" + head);
    assertTrue(head.contains("Connection: close"), () -> "" + head);
    String length =
        head.stream().filter(line -> line.startsWith("Content-Length: ")).findFirst().get();
    String body = raw.body(Integer.parseInt(length.substring("Content-Length: ".length())));
    assertEquals(code, Client.json(body).get("error").get("code").asText());
    raw.shutdownOutput();
    assertEquals("", raw.rest());
  }

  private static String message(HttpResponse<String> response) {
    return Client.json(response).get("error").get("message").asText();
  }

  private static void assertError(
      int status, String type, String code, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response.body());
    assertEquals("application/json", response.headers().firstValue("Content-Type").orElseThrow());
    assertTrue(response.headers().firstValue("x-request-id").isPresent());
    JsonNode error = Client.json(response).get("error");
    assertEquals(type, error.get("type").asText());
    assertEquals(code, error.get("code").asText());
    assertTrue(error.has("param"));
    assertTrue(error.get("help").asText().startsWith("docs/errors.md#"));
  }
}
