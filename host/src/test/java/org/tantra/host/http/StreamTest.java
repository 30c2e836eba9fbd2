package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

final class StreamTest extends ServerTest {
  private static final String STREAM = "\"stream\": true, ";

  @Test
  void bytesOnTheWireAreAsClientsExpectThem() throws Exception {
    host.says("gpt2", "Hel", "lo\nyou");
    try (RawClient raw = new RawClient(port)) {
      raw.post(
          "/v1/chat/completions",
          """
          {"model": "gpt2", "stream": true, "messages": [{"role": "user", "content": "Hi"}]}
          """);

      List<String> head = raw.head();
      List<String> chunks = raw.chunks();

      assertEquals("HTTP/1.1 200 OK", head.getFirst());
      assertTrue(head.contains("Content-Type: text/event-stream; charset=utf-8"), () -> "" + head);
      assertTrue(head.contains("Cache-Control: no-cache"));
      assertTrue(head.contains("Connection: keep-alive"));
      assertTrue(head.contains("X-Accel-Buffering: no"));
      assertTrue(head.contains("Transfer-Encoding: chunked"));
      assertFalse(head.toString().contains("Content-Encoding"));
      JsonNode first = Client.json(chunks.getFirst().substring("data: ".length()));
      String common =
          "{\"id\":\"%s\",\"object\":\"chat.completion.chunk\",\"created\":%d,\"model\":\"gpt2\","
                  .formatted(first.get("id").asText(), first.get("created").asLong())
              + "\"system_fingerprint\":\"tantra-fake-1.2.3-1@sha256:0123456789ab\",\"choices\":";
      assertEquals(
          List.of(
              "data: "
                  + common
                  + "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                  + "\"logprobs\":null,\"finish_reason\":null}],"
                  + "\"x_tantra\":{\"requested\":\"gpt2\",\"served\":\"gpt2\",\"plugin\":\"fake\","
                  + "\"plugin_version\":\"1.2.3\",\"weights\":\"1@sha256:0123456789ab\","
                  + "\"attempts\":[]}}\n\n",
              "data: "
                  + common
                  + "[{\"index\":0,\"delta\":{\"content\":\"Hel\"},"
                  + "\"logprobs\":null,\"finish_reason\":null}]}\n\n",
              "data: "
                  + common
                  + "[{\"index\":0,\"delta\":{\"content\":\"lo\\nyou\"},"
                  + "\"logprobs\":null,\"finish_reason\":null}]}\n\n",
              "data: "
                  + common
                  + "[{\"index\":0,\"delta\":{},"
                  + "\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n",
              "data: [DONE]\n\n"),
          chunks);
    }
  }

  @Test
  void usageComesInAnEventOfItsOwnWhenAskedFor() {
    host.says("gpt2", "a", "b");

    List<JsonNode> events =
        events(chat("gpt2", STREAM + "\"stream_options\": {\"include_usage\": true}, "));

    JsonNode last = events.getLast();
    assertTrue(last.get("choices").isEmpty());
    assertEquals(2, last.get("usage").get("completion_tokens").asInt());
    assertEquals(3, last.get("usage").get("total_tokens").asInt());
    for (JsonNode event : events.subList(0, events.size() - 1)) {
      assertTrue(event.get("usage").isNull());
      assertEquals(1, event.get("choices").size());
    }
  }

  @Test
  void eventsShareOneIdAndHoldNoError() {
    host.says("gpt2", "a", "b");

    List<JsonNode> events = events(chat("gpt2", STREAM));

    Set<String> ids = new HashSet<>();
    for (JsonNode event : events) {
      ids.add(event.get("id").asText());
      assertFalse(event.has("error"));
      assertFalse(event.has("usage"));
    }
    assertEquals(1, ids.size());
  }

  @Test
  void severalChoicesFollowEachOther() {
    host.says("gpt2", "a");

    List<JsonNode> events = events(chat("gpt2", STREAM + "\"n\": 2, "));

    List<Integer> indices =
        events.stream().map(event -> event.get("choices").get(0).get("index").asInt()).toList();
    assertEquals(List.of(0, 0, 0, 1, 1, 1), indices);
  }

  @Test
  void logprobsTravelWithTheirText() {
    host.says("gpt2", "a", "", "b");

    List<JsonNode> events =
        events(chat("gpt2", STREAM + "\"logprobs\": true, \"top_logprobs\": 2, "));

    JsonNode second = events.get(2).get("choices").get(0);
    assertEquals("b", second.get("delta").get("content").asText());
    assertEquals(2, second.get("logprobs").get("content").size());
    JsonNode token = second.get("logprobs").get("content").get(1);
    assertEquals("b", token.get("token").asText());
    assertEquals(Math.log(0.5), token.get("logprob").asDouble(), 1e-9);
    assertEquals(98, token.get("bytes").get(0).asInt());
    assertEquals("B", token.get("top_logprobs").get(1).get("token").asText());
  }

  @Test
  void completionsHaveTheSameShapeInEveryEvent() {
    host.says("gpt2", "a", "b");

    List<JsonNode> events =
        events(complete("gpt2", STREAM + "\"prompt\": \"x\", \"echo\": true, "));

    assertEquals(
        List.of("x", "a", "b", ""),
        events.stream().map(event -> event.get("choices").get(0).get("text").asText()).toList());
    assertTrue(
        events.stream().allMatch(event -> event.get("object").asText().equals("text_completion")));
    assertEquals("stop", events.getLast().get("choices").get(0).get("finish_reason").asText());
  }

  @Test
  void errorBeforeTheFirstPieceIsAPlainError() {
    host.fails("gpt2", new TantraException(ErrorKind.CORRUPT, "The shard is cut short."));

    HttpResponse<String> response = chat("gpt2", STREAM);

    assertEquals(503, response.statusCode());
    assertEquals("application/json", response.headers().firstValue("Content-Type").orElseThrow());
    assertEquals("model_load_failed", Client.json(response).get("error").get("code").asText());
    assertEquals("false", response.headers().firstValue("x-should-retry").orElseThrow());
  }

  @Test
  void errorAfterTheFirstPieceIsAnEventAndTheEnd() {
    host.breaks("gpt2", new TantraException(ErrorKind.INTERNAL, "It broke."), "Hel");

    HttpResponse<String> response = chat("gpt2", STREAM);

    assertEquals(200, response.statusCode());
    String body = response.body();
    int error = body.indexOf("event: error\ndata: {\"error\":{\"message\":\"It broke.\"");
    assertTrue(error > 0, body);
    assertTrue(body.endsWith("}}\n\n"), body);
    assertFalse(body.contains("[DONE]"), body);
    JsonNode event = Client.json(body.substring(error + "event: error\ndata: ".length()));
    assertEquals("inference_failed", event.get("error").get("code").asText());
    assertEquals("server_error", event.get("error").get("type").asText());
  }

  @Test
  void deadlineBeforeTheFirstPieceIsAPlainError() {
    host.loadsUntilCancelled("gpt2");

    HttpResponse<String> response = chat("gpt2", STREAM, "X-Tantra-Timeout", "0.05");

    assertEquals(504, response.statusCode(), response.body());
    assertEquals("timeout", Client.json(response).get("error").get("code").asText());
  }

  @Test
  void deadlineAfterTheFirstPieceIsAnEventAndTheEnd() {
    host.dawdles("gpt2", "a", "b", "c");

    HttpResponse<String> response = chat("gpt2", STREAM, "X-Tantra-Timeout", "0.1");
    for (int seconds = 1; response.statusCode() == 504 && seconds < 60; seconds *= 4) {
      // On a busy machine the first piece may come too late.
      response = chat("gpt2", STREAM, "X-Tantra-Timeout", Integer.toString(seconds));
    }

    assertEquals(200, response.statusCode(), response.body());
    assertTrue(response.body().contains("\n\nevent: error\ndata: {"), response.body());
    assertTrue(response.body().contains("\"code\":\"timeout\""), response.body());
    assertFalse(response.body().contains("[DONE]"), response.body());
  }

  /// The JSON of each event, after checks that hold for every whole stream.
  private static List<JsonNode> events(HttpResponse<String> response) {
    assertEquals(200, response.statusCode(), response.body());
    assertTrue(response.body().endsWith("\n\ndata: [DONE]\n\n"), response.body());
    List<String> events = Arrays.asList(response.body().split("\n\n"));
    return events.subList(0, events.size() - 1).stream()
        .filter(event -> !event.startsWith(": "))
        .map(
            event -> {
              assertTrue(event.startsWith("data: {"), event);
              assertFalse(event.contains("\n"), event);
              return Client.json(event.substring("data: ".length()));
            })
        .toList();
  }
}
