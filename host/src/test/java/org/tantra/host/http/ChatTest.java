package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

final class ChatTest extends ServerTest {
  @Test
  void answerHasEveryRequiredField() {
    host.says("gpt2", "Hello", ", ", "world");

    HttpResponse<String> response = chat("gpt2", "");

    assertEquals(200, response.statusCode(), response.body());
    JsonNode answer = Client.json(response);
    assertTrue(answer.get("id").asText().startsWith("chatcmpl-"));
    assertEquals("chat.completion", answer.get("object").asText());
    assertTrue(answer.get("created").isInt());
    assertEquals("gpt2", answer.get("model").asText());
    assertEquals(
        "tantra-fake-1.2.3-1@sha256:0123456789ab", answer.get("system_fingerprint").asText());
    assertEquals(
        Client.json(
            """
            [{"index": 0,
              "message": {"role": "assistant", "content": "Hello, world", "refusal": null},
              "logprobs": null,
              "finish_reason": "stop"}]
            """),
        answer.get("choices"));
    assertEquals(
        Client.json(
            """
            {"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4}
            """),
        answer.get("usage"));
  }
}
