package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RoutesTest extends ServerTest {
  @ParameterizedTest
  @ValueSource(strings = {"/v1/models", "/v1/models/", "/models", "//v1//models"})
  void modelsAreListed(String path) {
    host.says("gpt2", "x").says("org/name:tag", "x");

    JsonNode list = Client.json(client.get(path));

    assertEquals("list", list.get("object").asText());
    JsonNode model = list.get("data").get(1);
    assertEquals("org/name:tag", model.get("id").asText());
    assertEquals("model", model.get("object").asText());
    assertTrue(model.get("created").isInt());
    assertEquals("fake", model.get("owned_by").asText());
    assertEquals(
        Client.json(
            """
            {"state": "ready", "detail": "", "plugin": "fake", "version": "1.2.3",
             "active_weight": "1@sha256:0123456789ab", "capabilities": ["text"],
             "fallback": ["small"], "needs_weights": true, "parameters": 1024, "bytes": 4096, "requests": 0}
            """),
        model.get("x_tantra"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"org/name:tag", "org%2Fname%3Atag", "org/name:tag/", "org%2fname:tag"})
  void modelIdsMayHaveSlashes(String id) {
    host.says("org/name:tag", "x");

    HttpResponse<String> response = client.get("/v1/models/" + id);

    assertEquals(200, response.statusCode(), response.body());
    assertEquals("org/name:tag", Client.json(response).get("id").asText());
  }

  @Test
  void unknownModelIsNotFound() {
    host.says("gpt2", "x");

    HttpResponse<String> response = client.get("/v1/models/a%0D%0Ab");

    assertEquals(404, response.statusCode());
    JsonNode error = Client.json(response).get("error");
    assertEquals("model_not_found", error.get("code").asText());
    assertEquals("model", error.get("param").asText());
  }

  @Test
  void plusInAModelIdIsNoBlank() {
    host.says("a+b", "x");

    assertEquals(200, client.get("/v1/models/a+b").statusCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/livez", "/healthz", "/health", "/ping"})
  void liveWhateverTheModelsDo(String path) {
    host.ready = false;

    HttpResponse<String> response = client.get(path);

    assertEquals(200, response.statusCode());
    assertEquals("ok", Client.json(response).get("status").asText());
  }

  @Test
  void readyOnlyOnceTheHostIs() {
    host.says("gpt2", "x");
    host.ready = false;

    HttpResponse<String> waiting = client.get("/readyz");
    host.ready = true;
    HttpResponse<String> ready = client.get("/readyz");

    assertEquals(503, waiting.statusCode());
    assertEquals("gpt2 is loading", Client.json(waiting).get("waiting_for").get(0).asText());
    assertEquals(200, ready.statusCode());
    assertEquals("ready", Client.json(ready).get("models").get(0).get("state").asText());
  }

  @Test
  void headIsGetWithoutABody() throws Exception {
    try (RawClient raw = new RawClient(port)) {
      raw.request("HEAD /livez HTTP/1.1", "Host: localhost");
      List<String> head = raw.head();
      String length = Integer.toString(client.get("/livez").body().length());

      assertEquals("HTTP/1.1 200 OK", head.getFirst());
      assertTrue(head.contains("Content-Length: " + length), () -> "" + head);
      raw.request("GET /livez HTTP/1.1", "Host: localhost");
      assertEquals("HTTP/1.1 200 OK", raw.head().getFirst(), "no body in between");
    }
  }

  @Test
  void optionsSayWhatIsAllowed() {
    HttpResponse<String> response = client.method("OPTIONS", "/v1/models");

    assertEquals(204, response.statusCode());
    assertEquals("GET, HEAD, OPTIONS", response.headers().firstValue("Allow").orElseThrow());
    assertTrue(response.headers().firstValue("Access-Control-Allow-Origin").isEmpty());
  }

  @Test
  void routesWorkWithoutV1() {
    host.says("gpt2", "x");
    String chat = "{\"model\": \"gpt2\", \"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}";

    assertEquals(200, client.post("/chat/completions", chat).statusCode());
    assertEquals(
        200, client.post("/completions", "{\"model\": \"gpt2\", \"prompt\": \"a\"}").statusCode());
    assertEquals(200, client.get("/models/gpt2").statusCode());
  }

  @Test
  void homePageNamesTheRoutes() {
    HttpResponse<String> response = client.get("/");

    assertEquals("text/html; charset=utf-8", response.headers().firstValue("Content-Type").get());
    assertTrue(response.body().contains("POST /v1/chat/completions"));
  }

  @Test
  void metricsTellWhoWasAskedAndWhoAnswered() {
    host.standsIn("gpt2", "text-lite", "a", "b");
    chat("gpt2", "");
    chat("nobody", "");

    HttpResponse<String> response = client.get("/metrics");

    assertTrue(
        response
            .headers()
            .firstValue("Content-Type")
            .get()
            .startsWith("text/plain; version=0.0.4"));
    awaitMetrics(
        "tantra_http_requests_total{fallback=\"no_weights\",model=\"gpt2\","
            + "route=\"/v1/chat/completions\",served=\"text-lite\",status=\"200\"} 1.0",
        "tantra_http_requests_total{fallback=\"\",model=\"unknown\","
            + "route=\"/v1/chat/completions\",served=\"\",status=\"404\"} 1.0",
        "tantra_tokens_total{kind=\"completion\",model=\"text-lite\"} 2.0",
        "tantra_first_token_seconds_count{model=\"text-lite\"} 1",
        "tantra_model_resident_bytes{model=\"gpt2\"} 4096.0",
        "tantra_http_inside 0.0",
        "tantra_http_waiting 0.0");
    assertTrue(response.body().contains("jvm_memory_used_bytes{"));
  }

  @Test
  void adminTellsWhatRunsAndObeys() {
    host.says("gpt2", "x");

    JsonNode ps = Client.json(client.get("/admin/ps"));
    JsonNode models = Client.json(client.get("/admin/models"));
    JsonNode plugins = Client.json(client.get("/admin/plugins"));
    HttpResponse<String> load = client.post("/admin/models/gpt2/load", "");
    HttpResponse<String> unload = client.post("/admin/models/gpt2/unload", "");

    assertEquals("gpt2", ps.get("models").get(0).get("id").asText());
    assertEquals(0, ps.get("requests").get("waiting").asInt());
    assertEquals(1, models.get("models").size());
    assertEquals(
        Client.json(
            """
            {"id": "fake", "version": "1.2.3", "state": "active", "message": "",
             "file": "plugins/fake.jar", "copy": 1, "since": "1970-01-01T00:00:00Z",
             "extensions": {"Model": ["gpt2"]}}
            """),
        plugins.get("plugins").get(0));
    assertEquals("ready", Client.json(load).get("state").asText());
    assertEquals(200, unload.statusCode());
    assertEquals(404, client.post("/admin/models/nobody/load", "").statusCode());
  }

  @Test
  void adminIsNotForProxiesNorForPagesOfOthers() {
    for (String[] header :
        List.of(
            new String[] {"X-Forwarded-For", "10.0.0.1"},
            new String[] {"Origin", "https://example.org"},
            new String[] {"Origin", "null"})) {
      HttpResponse<String> response = client.get("/admin/ps", header);

      assertEquals(403, response.statusCode(), header[0]);
      JsonNode error = Client.json(response).get("error");
      assertEquals("permission_error", error.get("type").asText());
      assertEquals("insufficient_scope", error.get("code").asText());
    }
    assertEquals(200, client.get("/admin/ps", "Origin", "http://localhost:3000").statusCode());
  }

  @Test
  void adminIsNotForNamesThatPointHere() throws Exception {
    try (RawClient raw = new RawClient(port)) {
      raw.request("GET /admin/ps HTTP/1.1", "Host: evil.example.org");

      assertTrue(raw.head().getFirst().startsWith("HTTP/1.1 403 "));
    }
  }
}
