package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.models.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The official OpenAI client for Java against a running host with its real plugins.
@SuppressWarnings("deprecation") // seed and system_fingerprint: deprecated upstream, promised by us
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OpenAiClientTest {
  private Door door;
  private OpenAIClient client;

  @BeforeAll
  void start(@TempDir Path home) throws IOException {
    Installation.fill(home, List.of("gpt2", "safetensors", "lite", "storyteller"));
    door = Door.open(home);
    client = door.openAi();
  }

  @AfterAll
  void stop() {
    door.close();
  }

  private static ChatCompletionCreateParams.Builder ask(String model) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addUserMessage("What is the sea?")
        .maxCompletionTokens(60)
        .seed(3);
  }

  @Test
  void chatIsRepeatable() {
    ChatCompletion first = client.chat().completions().create(ask("text-lite").build());
    ChatCompletion second = client.chat().completions().create(ask("text-lite").build());

    first.validate();
    String text = first.choices().getFirst().message().content().orElseThrow();
    assertFalse(text.isBlank());
    assertEquals(text, second.choices().getFirst().message().content().orElseThrow());
    assertEquals(first.systemFingerprint(), second.systemFingerprint());
  }

  @Test
  void streamingChatSaysTheSame() {
    ChatCompletion whole = client.chat().completions().create(ask("text-lite").build());
    ChatCompletionCreateParams params =
        ask("text-lite")
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    ChatCompletionAccumulator pieces = ChatCompletionAccumulator.create();

    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(params)) {
      stream.stream().peek(ChatCompletionChunk::validate).forEach(pieces::accumulate);
    }

    ChatCompletion streamed = pieces.chatCompletion();
    assertEquals(
        whole.choices().getFirst().message().content(),
        streamed.choices().getFirst().message().content());
    assertEquals(whole.usage(), streamed.usage());
  }

  @Test
  void modelsAreListed() {
    List<String> ids = client.models().list().data().stream().map(Model::id).toList();

    assertTrue(ids.containsAll(List.of("gpt2", "storyteller", "text-lite")), ids::toString);
  }

  @Test
  void standInAnswersUnderItsOwnName() {
    ChatCompletion answer = client.chat().completions().create(ask("distilgpt2").build());

    assertEquals("text-lite", answer.model());
  }

  @Test
  void mistakesAreTypedErrors() {
    NotFoundException unknown =
        assertThrows(
            NotFoundException.class,
            () -> client.chat().completions().create(ask("gpt-17").build()));
    assertEquals("model_not_found", unknown.code().orElseThrow());

    assertThrows(
        BadRequestException.class,
        () -> client.chat().completions().create(ask("text-lite").temperature(3.0).build()));

    BadRequestException noText =
        assertThrows(
            BadRequestException.class,
            () -> client.chat().completions().create(ask("gpt2").build()));
    assertTrue(String.valueOf(noText.getMessage()).contains("vocab.json"), noText::toString);
  }
}
