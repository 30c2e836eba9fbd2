package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.host.config.HostConfig;

final class KeysTest extends ServerTest {
  @Override
  HostConfig.Http config() {
    return FakeHost.http(List.of("one", "two"), List.of("https://app.example"), 8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/models", "/metrics", "/admin/ps"})
  void keyIsNeeded(String path) {
    HttpResponse<String> without = client.get(path);
    HttpResponse<String> wrong = client.get(path, "Authorization", "Bearer onee");

    for (HttpResponse<String> response : List.of(without, wrong)) {
      assertEquals(401, response.statusCode());
      assertEquals("Bearer", response.headers().firstValue("WWW-Authenticate").orElseThrow());
      JsonNode error = Client.json(response).get("error");
      assertEquals("invalid_api_key", error.get("code").asText());
      assertEquals("invalid_request_error", error.get("type").asText());
    }
    assertEquals(200, client.get(path, "Authorization", "Bearer one").statusCode());
    assertEquals(200, client.get(path, "authorization", "bearer two").statusCode());
    assertEquals(200, client.get(path, "x-api-key", "two").statusCode());
  }

  @Test
  void healthNeedsNoKey() {
    assertEquals(200, client.get("/livez").statusCode());
    assertEquals(200, client.get("/readyz").statusCode());
    assertEquals(200, client.get("/").statusCode());
  }

  @Test
  void preflightNeedsNoKeyAndAllowsWhatIsAsked() {
    HttpResponse<String> response =
        client.method(
            "OPTIONS",
            "/v1/chat/completions",
            "Origin",
            "https://app.example",
            "Access-Control-Request-Method",
            "POST",
            "Access-Control-Request-Headers",
            "authorization,content-type");

    assertEquals(204, response.statusCode());
    assertEquals("https://app.example", header(response, "Access-Control-Allow-Origin"));
    assertEquals("POST, OPTIONS", header(response, "Access-Control-Allow-Methods"));
    assertEquals("authorization,content-type", header(response, "Access-Control-Allow-Headers"));
  }

  @Test
  void pagesOfAllowedOriginsMaySeeErrorsToo() {
    HttpResponse<String> ours = client.get("/v1/models", "Origin", "https://app.example");
    HttpResponse<String> other = client.get("/v1/models", "Origin", "https://other.example");

    assertEquals("https://app.example", header(ours, "Access-Control-Allow-Origin"));
    assertEquals("Origin", header(other, "Vary"));
    assertEquals("", header(other, "Access-Control-Allow-Origin"));
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
