package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.Prompt;
import org.tantra.api.TextRequest;

final class CompletionsTest extends ServerTest {
  @Test
  void answerHasEveryRequiredField() {
    host.says("gpt2", " a", " time");

    JsonNode answer = Client.json(complete("gpt2", "\"prompt\": \"Once upon\", "));

    assertTrue(answer.get("id").asText().startsWith("cmpl-"));
    assertEquals("text_completion", answer.get("object").asText());
    assertEquals(
        Client.json(
            """
            [{"text": " a time", "index": 0, "logprobs": null, "finish_reason": "stop"}]
            """),
        answer.get("choices"));
    assertEquals(
        Client.json(
            """
            {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}
            """),
        answer.get("usage"));
    assertEquals(16, host.calls.element().request().maxTokens());
  }

  @Test
  void severalPromptsTimesSeveralChoicesAreIndexedThrough() {
    host.says("gpt2", "x");

    JsonNode answer = Client.json(complete("gpt2", "\"prompt\": [\"a b\", \"c\"], \"n\": 2, "));

    assertEquals(
        List.of(0, 1, 2, 3),
        StreamSupport.stream(answer.get("choices").spliterator(), false)
            .map(choice -> choice.get("index").asInt())
            .toList());
    assertEquals(
        List.of("a b", "a b", "c", "c"),
        host.calls.stream().map(call -> ((Prompt.Text) call.request().prompt()).text()).toList());
    assertEquals(3, answer.get("usage").get("prompt_tokens").asInt());
    assertEquals(4, answer.get("usage").get("completion_tokens").asInt());
  }

  @Test
  void promptsMayBeTokenIds() {
    host.says("gpt2", "x");

    complete("gpt2", "\"prompt\": [72, 105], ");
    complete("gpt2", "\"prompt\": [[72], [105, 33]], ");

    assertEquals(
        List.of(
            new Prompt.Tokens(List.of(72, 105)),
            new Prompt.Tokens(List.of(72)),
            new Prompt.Tokens(List.of(105, 33))),
        host.calls.stream().map(call -> call.request().prompt()).toList());
  }

  @Test
  void echoOfTokenIdsIsTheirText() {
    host.says("gpt2", "!");

    JsonNode answer = Client.json(complete("gpt2", "\"prompt\": [72, 105], \"echo\": true, "));

    JsonNode choice = answer.get("choices").get(0);
    assertEquals("Hi!", choice.get("text").asText());
    assertTrue(choice.get("logprobs").isNull());
  }

  @Test
  void scoringReportsThePromptsLogprobsAndAddsNothing() {
    host.says("gpt2", "never said");

    JsonNode answer =
        Client.json(
            complete(
                "gpt2",
                "\"prompt\": \"Zwölf gute Boxer\", \"echo\": true, \"max_tokens\": 0, \"logprobs\":"
                    + " 2, "));

    TextRequest request = host.calls.element().request();
    assertEquals(0, request.maxTokens());
    assertEquals(2, request.topLogprobs());
    assertTrue(request.scorePrompt());
    JsonNode choice = answer.get("choices").get(0);
    assertEquals("Zwölf gute Boxer", choice.get("text").asText());
    assertEquals("length", choice.get("finish_reason").asText());
    assertEquals(
        Client.json(
            """
            {"tokens": ["Zwölf", " gute", " Boxer"],
             "token_logprobs": [null, -0.6931471805599453, -0.6931471805599453],
             "top_logprobs": [null,
               {" gute": -0.6931471805599453, " GUTE": -1.3862943611198906},
               {" Boxer": -0.6931471805599453, " BOXER": -1.3862943611198906}],
             "text_offset": [0, 5, 10]}
            """),
        choice.get("logprobs"));
  }

  @Test
  void bestOfKeepsTheLikeliest() {
    host.says("gpt2", "x");

    JsonNode answer =
        Client.json(complete("gpt2", "\"prompt\": \"a\", \"best_of\": 3, \"n\": 2, "));

    assertEquals(3, host.calls.size());
    assertEquals(2, answer.get("choices").size());
    assertEquals(1, answer.get("choices").get(1).get("index").asInt());
    assertTrue(answer.get("choices").get(0).get("logprobs").isNull());
    assertEquals(3, answer.get("usage").get("completion_tokens").asInt());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"max_tokens\": 1                       | prompt       | missing_required_parameter",
        "\"prompt\": {}                          | prompt       | invalid_value",
        "\"prompt\": []                          | prompt       | invalid_value",
        "\"prompt\": [true]                      | prompt[0]    | invalid_value",
        "\"prompt\": [1, \"a\"]                  | prompt[1]    | invalid_value",
        "\"prompt\": [-1]                        | prompt[0]    | invalid_value",
        "\"prompt\": [[1], [2.5]]                | prompt[1][0] | invalid_value",
        "\"prompt\": \"a\", \"suffix\": \"b\"    | suffix       | unsupported_parameter",
        "\"prompt\": \"a\", \"max_tokens\": -1   | max_tokens   | invalid_value",
        "\"prompt\": \"a\", \"logprobs\": 101    | logprobs     | invalid_value",
        "\"prompt\": \"a\", \"logprobs\": true   | logprobs     | invalid_value",
        "\"prompt\": \"a\", \"n\": 2, \"best_of\": 1 | best_of  | invalid_value",
        "\"prompt\": \"a\", \"best_of\": 2, \"stream\": true | best_of | invalid_value",
        "\"prompt\": \"a\", \"echo\": 1          | echo         | invalid_value",
      })
  void wrongFieldIsNamed(String field, String param, String code) {
    host.says("gpt2", "x");

    HttpResponse<String> response = complete("gpt2", field + ", ");

    assertFieldRefused(param, code, response);
  }
}
