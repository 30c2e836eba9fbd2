package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.Modality;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TextRequest;

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

  @Test
  void everySamplingFieldReachesTheModel() {
    host.says("gpt2", "x");

    chat(
        "gpt2",
        """
        "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.1, "presence_penalty": 1,
        "frequency_penalty": -1, "repetition_penalty": 1.1, "logit_bias": {"42": -100},
        "seed": 7, "stop": ["a", "b"], "max_tokens": 5, "logprobs": true, "top_logprobs": 3,
        """);

    TextRequest request = host.calls.element().request();
    assertEquals(
        new Sampling(0.5, 40, 0.9, 0.1, 1, -1, 1.1, Map.of(42, -100.0), 7L), request.sampling());
    assertEquals(List.of("a", "b"), request.stop());
    assertEquals(5, request.maxTokens());
    assertEquals(3, request.topLogprobs());
  }

  @Test
  void absentAndNullFieldsMeanTheDefaults() {
    host.says("gpt2", "x");

    chat("gpt2", "\"temperature\": null, \"stop\": null, \"seed\": null, \"n\": null, ");

    TextRequest request = host.calls.element().request();
    assertEquals(Sampling.DEFAULT, request.sampling());
    assertEquals(List.of(), request.stop());
    assertNull(request.maxTokens());
    assertEquals(-1, request.topLogprobs());
  }

  @Test
  void unknownFieldsAreIgnored() {
    host.says("gpt2", "x");

    HttpResponse<String> response =
        chat(
            "gpt2",
            """
            "reasoning": {"effort": "high"}, "chat_id": "1", "store": true, "user": "me",
            "metadata": {}, "service_tier": "auto", "parallel_tool_calls": true, "tools": [],
            "tool_choice": "auto", "response_format": {"type": "text"}, "modalities": ["text"],
            """);

    assertEquals(200, response.statusCode(), response.body());
  }

  @Test
  void maxCompletionTokensWinsAndLengthIsSaid() {
    host.says("gpt2", "a", "b", "c");

    JsonNode answer =
        Client.json(chat("gpt2", "\"max_tokens\": 1, \"max_completion_tokens\": 2, "));

    JsonNode choice = answer.get("choices").get(0);
    assertEquals("ab", choice.get("message").get("content").asText());
    assertEquals("length", choice.get("finish_reason").asText());
  }

  @Test
  void choicesOfOneSeedHaveSeedsThatCountUp() {
    host.says("gpt2", "a");

    JsonNode answer = Client.json(chat("gpt2", "\"n\": 3, \"seed\": 7, "));

    assertEquals(3, answer.get("choices").size());
    assertEquals(2, answer.get("choices").get(2).get("index").asInt());
    assertEquals(1, answer.get("usage").get("prompt_tokens").asInt());
    assertEquals(3, answer.get("usage").get("completion_tokens").asInt());
    assertEquals(
        List.of(7L, 8L, 9L),
        host.calls.stream().map(call -> call.request().sampling().seed()).toList());
  }

  @Test
  void standInIsNamedInHeadersAndBody() {
    host.standsIn("spikingbrain", "text-lite", "Hello");

    HttpResponse<String> response = chat("spikingbrain", "\"n\": 2, ");

    assertEquals(
        Map.of(
            "x-tantra-model-requested", List.of("spikingbrain"),
            "x-tantra-model-served", List.of("text-lite"),
            "x-tantra-weights", List.of("1@sha256:0123456789ab"),
            "x-tantra-fallback-depth", List.of("1"),
            "x-tantra-fallback-reason", List.of("no_weights")),
        response.headers().map().entrySet().stream()
            .filter(header -> header.getKey().startsWith("x-tantra"))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    JsonNode answer = Client.json(response);
    assertEquals("text-lite", answer.get("model").asText());
    assertEquals(
        Client.json(
            """
            {"requested": "spikingbrain", "served": "text-lite", "plugin": "fake",
             "plugin_version": "1.2.3", "weights": "1@sha256:0123456789ab",
             "attempts": [{"model": "spikingbrain", "kind": "no_weights",
                           "reason": "There is no checkpoint."}]}
            """),
        answer.get("x_tantra"));
    assertEquals(
        List.of("spikingbrain", "text-lite"),
        host.calls.stream().map(call -> call.model()).toList(),
        "the second choice is asked of whoever answered the first");
  }

  @Test
  void fallbackCanBeRefusedByHeaderOrField() {
    host.standsIn("spikingbrain", "text-lite", "Hello");

    HttpResponse<String> byHeader = chat("spikingbrain", "", "X-Tantra-Fallback", "off");
    HttpResponse<String> byField = chat("spikingbrain", "\"fallback\": \"off\", ");
    HttpResponse<String> byFalse = chat("spikingbrain", "\"fallback\": false, ");

    for (HttpResponse<String> response : List.of(byHeader, byField, byFalse)) {
      assertEquals(404, response.statusCode(), response.body());
      assertTrue(response.body().contains("There is no checkpoint."));
    }
    assertEquals(400, chat("spikingbrain", "", "X-Tantra-Fallback", "perhaps").statusCode());
  }

  @Test
  void rolesAndPartsAreRead() {
    host.says("gpt2", "x");

    HttpResponse<String> response =
        client.post(
            "/v1/chat/completions",
            """
            {"model": "gpt2", "messages": [
              {"role": "developer", "content": "Be brief."},
              {"role": "user", "name": "Ann", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url",
                 "image_url": {"url": "data:image/png;base64,AQID", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "BAU=", "format": "wav"}}]},
              {"role": "assistant", "content": null, "refusal": "No."},
              {"role": "tool", "tool_call_id": "1", "content": "4"}]}
            """);

    assertEquals(200, response.statusCode(), response.body());
    Prompt.Chat chat = (Prompt.Chat) host.calls.element().request().prompt();
    assertEquals(
        List.of(Prompt.Role.SYSTEM, Prompt.Role.USER, Prompt.Role.ASSISTANT, Prompt.Role.TOOL),
        chat.messages().stream().map(Prompt.Message::role).toList());
    assertEquals("No.", chat.messages().get(2).text());
    List<Prompt.Part> parts = chat.messages().get(1).parts();
    Prompt.MediaPart image = (Prompt.MediaPart) parts.get(1);
    assertEquals(Modality.IMAGE, image.modality());
    assertEquals(3, image.bytes().byteSize());
    assertEquals(Modality.AUDIO, ((Prompt.MediaPart) parts.get(2)).modality());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"temperature\": \"hot\"               | temperature       | invalid_value",
        "\"temperature\": 2.5                   | temperature       | invalid_value",
        "\"temperature\": -0.1                  | temperature       | invalid_value",
        "\"temperature\": 1e999                 | temperature       | invalid_value",
        "\"top_p\": 1.5                         | top_p             | invalid_value",
        "\"top_k\": -2                          | top_k             | invalid_value",
        "\"top_k\": 1.5                         | top_k             | invalid_value",
        "\"min_p\": 2                           | min_p             | invalid_value",
        "\"presence_penalty\": 3                | presence_penalty  | invalid_value",
        "\"frequency_penalty\": -3              | frequency_penalty | invalid_value",
        "\"repetition_penalty\": 0              | repetition_penalty | invalid_value",
        "\"seed\": \"x\"                        | seed              | invalid_value",
        "\"seed\": 99999999999999999999         | seed              | invalid_value",
        "\"max_tokens\": 0                      | max_tokens        | invalid_value",
        "\"max_completion_tokens\": -1          | max_completion_tokens | invalid_value",
        "\"max_tokens\": 99999999999            | max_tokens        | invalid_value",
        "\"n\": 0                               | n                 | invalid_value",
        "\"n\": 1000                            | n                 | invalid_value",
        "\"stop\": [\"\"]                       | stop              | invalid_value",
        "\"stop\": [1]                          | stop[0]           | invalid_value",
        "\"stop\": [\"a\",\"b\",\"c\",\"d\",\"e\"] | stop           | invalid_value",
        "\"stream\": \"yes\"                    | stream            | invalid_value",
        "\"stream_options\": {}                 | stream_options    | invalid_value",
        "\"logprobs\": 1                        | logprobs          | invalid_value",
        "\"top_logprobs\": 2                    | top_logprobs      | invalid_value",
        "\"logprobs\": true, \"top_logprobs\": 21 | top_logprobs    | invalid_value",
        "\"logit_bias\": {\"a\": 1}             | logit_bias        | invalid_value",
        "\"logit_bias\": {\"1\": 101}           | logit_bias        | invalid_value",
        "\"logit_bias\": {\"1\": \"x\"}         | logit_bias.1      | invalid_value",
        "\"logit_bias\": []                     | logit_bias        | invalid_value",
        "\"response_format\": {\"type\": \"json_object\"} | response_format |"
            + " unsupported_parameter",
        "\"response_format\": {\"type\": \"xml\"} | response_format.type | invalid_value",
        "\"tools\": [{\"type\": \"function\"}]  | tools             | unsupported_parameter",
        "\"tool_choice\": \"required\"          | tool_choice       | unsupported_parameter",
        "\"functions\": [{}]                    | functions         | unsupported_parameter",
        "\"modalities\": [\"audio\"]            | modalities        | unsupported_value",
      })
  void wrongFieldIsNamed(String field, String param, String code) {
    host.says("gpt2", "x");

    HttpResponse<String> response = chat("gpt2", field + ", ");

    assertFieldRefused(param, code, response);
    assertTrue(host.calls.isEmpty(), "the host was not asked");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"messages\": []} | model | missing_required_parameter",
        "{\"model\": 1, \"messages\": []} | model | invalid_value",
        "{\"model\": \"m\"} | messages | missing_required_parameter",
        "{\"model\": \"m\", \"messages\": null} | messages | missing_required_parameter",
        "{\"model\": \"m\", \"messages\": []} | messages | invalid_value",
        "{\"model\": \"m\", \"messages\": {}} | messages | invalid_value",
        "{\"model\": \"m\", \"messages\": [1]} | messages[0] | invalid_value",
        "{\"model\": \"m\", \"messages\": [{}]} | messages[0].role | missing_required_parameter",
        "{\"model\": \"m\", \"messages\": [{\"role\": \"cat\", \"content\": \"\"}]} "
            + "| messages[0].role | invalid_value",
        "{\"model\": \"m\", \"messages\": [{\"role\": \"user\"}]} "
            + "| messages[0].content | missing_required_parameter",
        "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": 5}]} "
            + "| messages[0].content | invalid_value",
        "{\"model\": \"m\", \"messages\": [{\"role\": \"tool\", \"content\": \"\"}]} "
            + "| messages[0].tool_call_id | missing_required_parameter",
        "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"x\"}]}]}"
            + " | messages[0].content[0].type | unsupported_parameter",
        "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": "
            + "[{\"type\": \"image_url\", \"image_url\": {\"url\": \"http://h/a.png\"}}]}]} "
            + "| messages[0].content[0].image_url.url | invalid_value",
        "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": "
            + "[{\"type\": \"image_url\", \"image_url\": {\"url\": \"data:a;base64,%%%%=x\"}}]}]} "
            + "| messages[0].content[0].image_url.url | invalid_value",
      })
  void wrongMessageIsNamedByItsPath(String body, String param, String code) {
    HttpResponse<String> response = client.post("/v1/chat/completions", body);

    assertFieldRefused(param, code, response);
  }
}
