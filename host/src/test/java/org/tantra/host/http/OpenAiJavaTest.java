package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.SseException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.audio.AudioResponseFormat;
import com.openai.models.audio.speech.SpeechCreateParams;
import com.openai.models.audio.transcriptions.TranscriptionCreateParams;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.Transcription;
import org.tantra.host.resolve.FakeMedia;

/// The official client, unchanged but for its base URL.
final class OpenAiJavaTest extends ServerTest {
  private final OpenAIClient openAi =
      OpenAIOkHttpClient.builder()
          .baseUrl("http://127.0.0.1:" + port + "/v1")
          .apiKey("sk-no-key")
          .maxRetries(2)
          .build();

  @AfterEach
  void closeClient() {
    openAi.close();
  }

  @Test
  void chat() {
    host.says("gpt2", "Hello", ", world");

    ChatCompletion answer =
        openAi.chat().completions().create(params("gpt2").temperature(0.5).build());

    answer.validate();
    assertEquals("Hello, world", answer.choices().getFirst().message().content().orElseThrow());
    assertEquals(
        ChatCompletion.Choice.FinishReason.STOP, answer.choices().getFirst().finishReason());
    assertEquals(2, answer.usage().orElseThrow().completionTokens());
    assertEquals(0.5, host.calls.element().request().sampling().temperature());
  }

  @Test
  void chatWithLogprobs() {
    host.says("gpt2", "Hello");

    ChatCompletion answer =
        openAi.chat().completions().create(params("gpt2").logprobs(true).topLogprobs(2).build());

    answer.validate();
    var token =
        answer.choices().getFirst().logprobs().orElseThrow().content().orElseThrow().getFirst();
    assertEquals("Hello", token.token());
    assertEquals("HELLO", token.topLogprobs().get(1).token());
  }

  @Test
  void streamingChat() {
    host.says("gpt2", "Hel", "lo, ", "wörld 🌍");
    ChatCompletionCreateParams params =
        params("gpt2")
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();

    try (StreamResponse<ChatCompletionChunk> stream =
        openAi.chat().completions().createStreaming(params)) {
      stream.stream().peek(ChatCompletionChunk::validate).forEach(whole::accumulate);
    }

    ChatCompletion answer = whole.chatCompletion();
    assertEquals("Hello, wörld 🌍", answer.choices().getFirst().message().content().orElseThrow());
    assertEquals(3, answer.usage().orElseThrow().completionTokens());
  }

  @Test
  void completions() {
    host.says("gpt2", " a", " time");

    Completion answer =
        openAi
            .completions()
            .create(CompletionCreateParams.builder().model("gpt2").prompt("Once upon").build());

    answer.validate();
    assertEquals(" a time", answer.choices().getFirst().text());
  }

  @Test
  void streamingCompletions() {
    host.says("gpt2", " a", " time");

    try (StreamResponse<Completion> stream =
        openAi
            .completions()
            .createStreaming(
                CompletionCreateParams.builder().model("gpt2").prompt("Once upon").build())) {
      List<String> texts = stream.stream().map(event -> event.choices().getFirst().text()).toList();

      assertEquals(List.of(" a", " time", ""), texts);
    }
  }

  @Test
  void models() {
    host.says("gpt2", "x").says("distilgpt2", "x");

    List<Model> models = openAi.models().list().items();

    models.forEach(Model::validate);
    assertEquals(List.of("gpt2", "distilgpt2"), models.stream().map(Model::id).toList());
    assertEquals("fake", openAi.models().retrieve("gpt2").ownedBy());
  }

  @Test
  void unknownModelIsNotFound() {
    NotFoundException error =
        assertThrows(
            NotFoundException.class,
            () -> openAi.chat().completions().create(params("nobody").build()));

    assertEquals("model_not_found", error.code().orElseThrow());
    assertEquals("model", error.param().orElseThrow());
    assertEquals("invalid_request_error", error.type().orElseThrow());
    assertFalse(error.headers().values("x-request-id").isEmpty());
  }

  @Test
  void valueOutOfRangeIsABadRequest() {
    host.says("gpt2", "x");

    BadRequestException error =
        assertThrows(
            BadRequestException.class,
            () -> openAi.chat().completions().create(params("gpt2").temperature(3).build()));

    assertEquals("temperature", error.param().orElseThrow());
    assertEquals("invalid_value", error.code().orElseThrow());
  }

  @Test
  void failureThatStaysIsNotRetried() {
    host.fails("gpt2", new TantraException(ErrorKind.CORRUPT, "The shard is cut short."));

    InternalServerException error =
        assertThrows(
            InternalServerException.class,
            () -> openAi.chat().completions().create(params("gpt2").build()));

    assertEquals(503, error.statusCode());
    assertEquals("model_load_failed", error.code().orElseThrow());
    assertEquals(1, host.calls.size());
  }

  @Test
  void streamThatBreaksThrows() {
    host.breaks("gpt2", new TantraException(ErrorKind.INTERNAL, "It broke."), "Hel");

    try (StreamResponse<ChatCompletionChunk> stream =
        openAi.chat().completions().createStreaming(params("gpt2").build())) {
      SseException error = assertThrows(SseException.class, () -> stream.stream().forEach(_ -> {}));

      assertEquals("inference_failed", error.code().orElseThrow());
      assertTrue(String.valueOf(error.getMessage()).contains("It broke."));
    }
  }

  private static ChatCompletionCreateParams.Builder params(String model) {
    return ChatCompletionCreateParams.builder().model(model).addUserMessage("Say hello.");
  }

  private static MultipartField<InputStream> recording() {
    return MultipartField.<InputStream>builder()
        .value(new ByteArrayInputStream("RIFF\r\n--recording".getBytes(StandardCharsets.UTF_8)))
        .filename("speech.wav")
        .contentType("audio/wav")
        .build();
  }

  @Test
  void transcription() {
    var answer =
        openAi
            .audio()
            .transcriptions()
            .create(
                TranscriptionCreateParams.builder()
                    .file(recording())
                    .model("first")
                    .language("en")
                    .build());

    assertEquals("Hello world.", answer.asTranscription().text());
    Transcription.Request request = (Transcription.Request) host.media.calls.remove().request();
    assertArrayEquals(
        "RIFF\r\n--recording".getBytes(StandardCharsets.UTF_8), FakeMedia.bytes(request.audio()));
    assertEquals("en", request.language());
  }

  @Test
  void verboseTranscriptionWithWords() {
    var answer =
        openAi
            .audio()
            .transcriptions()
            .create(
                TranscriptionCreateParams.builder()
                    .file(recording())
                    .model("first")
                    .responseFormat(AudioResponseFormat.VERBOSE_JSON)
                    .addTimestampGranularity(TranscriptionCreateParams.TimestampGranularity.WORD)
                    .build())
            .asVerbose();

    answer.validate();
    assertEquals("Hello world.", answer.text());
    assertEquals(3.25, answer.duration());
    assertEquals(" world.", answer.segments().orElseThrow().get(1).text());
    assertEquals("world.", answer.words().orElseThrow().get(1).word());
  }

  @Test
  void streamingTranscription() {
    StringBuilder said = new StringBuilder();
    try (var stream =
        openAi
            .audio()
            .transcriptions()
            .createStreaming(
                TranscriptionCreateParams.builder().file(recording()).model("first").build())) {
      stream.stream()
          .forEach(
              event -> event.transcriptTextDelta().ifPresent(delta -> said.append(delta.delta())));
    }
    assertEquals("Hello world.", said.toString());
  }

  @Test
  @SuppressWarnings("deprecation") // the route is old, and clients use it
  void translation() {
    var answer =
        openAi
            .audio()
            .translations()
            .create(
                com.openai.models.audio.translations.TranslationCreateParams.builder()
                    .file(recording())
                    .model("first")
                    .build());

    assertEquals("Hello world.", answer.asTranslation().text());
    assertTrue(((Transcription.Request) host.media.calls.remove().request()).translate());
  }

  @Test
  void speech() throws IOException {
    try (var answer =
        openAi
            .audio()
            .speech()
            .create(
                SpeechCreateParams.builder()
                    .model("first")
                    .voice("alloy")
                    .input("One. Two.")
                    .responseFormat(SpeechCreateParams.ResponseFormat.WAV)
                    .build())) {
      byte[] wav = answer.body().readAllBytes();
      assertEquals("RIFF", new String(wav, 0, 4, StandardCharsets.US_ASCII));
      assertEquals(44 + 2 * 8, wav.length);
    }
  }

  @Test
  void embeddings() {
    var answer =
        openAi
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("first")
                    .inputOfArrayOfStrings(List.of("one", "two"))
                    .build());

    answer.validate();
    assertEquals(2, answer.data().size());
    assertEquals(768, answer.data().get(1).embedding().size());
    assertEquals(1f, answer.data().get(1).embedding().get(1));
  }
}
