package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.host.registry.PluginStatus;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.resolve.TextAnswer;
import org.tantra.host.resolve.UnservedException;

/// What a user sees when a model's plugin or weights come and go, in each runtime.
final class StandInTest {
  private static final TextRequest REQUEST =
      TextRequest.of(new Prompt.Text("Once upon a time"), 40)
          .with(Sampling.DEFAULT.withTemperature(0.7).withSeed(5));

  @TempDir Path home;

  private static TextAnswer ask(Installation installation, String model) {
    return installation.host().generate(Call.of(model, REQUEST));
  }

  private static boolean runs(Installation installation, String model) {
    return installation.host().model(model).map(ModelStatus::plugin).isPresent();
  }

  private static String readAll(TextAnswer answer) {
    StringBuilder text = new StringBuilder();
    for (var piece = answer.next(); piece.isPresent(); piece = answer.next()) {
      text.append(piece.get().text());
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void streamOutlivesItsPluginAndTheStandInTakesOver(String runtime) throws IOException {
    Installation.fill(home, List.of("storyteller", "lite"));
    try (Installation installation = Installation.start(home, runtime)) {
      try (TextAnswer stream = ask(installation, "storyteller")) {
        assertEquals("storyteller", stream.served().model());
        Files.delete(installation.dropIn("storyteller"));
        installation.await("the plugin's end", () -> !runs(installation, "storyteller"));

        assertFalse(readAll(stream).isBlank());
        assertEquals(FinishReason.LENGTH, stream.finishReason());
      }

      try (TextAnswer standIn = ask(installation, "storyteller")) {
        assertEquals("text-lite", standIn.served().model());
        Attempt attempt = standIn.served().attempts().getFirst();
        assertEquals(Attempt.Kind.NO_PLUGIN, attempt.kind());
        assertTrue(attempt.reason().contains("storyteller"), attempt.reason());
      }

      Files.copy(Installation.jar("storyteller"), installation.dropIn("storyteller"));
      installation.await("the plugin's return", () -> runs(installation, "storyteller"));
      try (TextAnswer back = ask(installation, "storyteller")) {
        assertEquals("storyteller", back.served().model());
        assertEquals(List.of(), back.served().attempts());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void brokenJarsAreNamedAndHarmNothing(String runtime) throws IOException {
    Installation.fill(home, List.of("lite"));
    byte[] whole = Files.readAllBytes(Installation.jar("gpt2"));
    byte[] half = java.util.Arrays.copyOf(whole, whole.length / 2);
    try (Installation installation = Installation.start(home, runtime)) {
      Files.writeString(installation.dropIn("text"), "this is no jar");
      Files.write(installation.dropIn("half"), half);
      for (String name : List.of("text", "half")) {
        installation.await(
            name + " refused",
            () ->
                installation.host().plugins().stream()
                    .anyMatch(
                        it ->
                            it.file().endsWith(name + ".jar")
                                && it.state() == PluginStatus.State.REJECTED));
        String message = installation.status(name).message();
        assertTrue(message.contains(name + ".jar"), message);
      }

      try (TextAnswer answer = ask(installation, "text-lite")) {
        assertFalse(readAll(answer).isBlank());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void missingWeightsAreAnsweredByTheStandInUnlessRefused(String runtime) throws IOException {
    Installation.fill(home, List.of("gpt2", "safetensors", "lite"));
    try (Installation installation = Installation.start(home, runtime)) {
      try (TextAnswer answer = ask(installation, "distilgpt2")) {
        assertEquals("text-lite", answer.served().model());
        assertEquals(Attempt.Kind.NO_WEIGHTS, answer.served().attempts().getFirst().kind());
      }

      UnservedException refused =
          assertThrows(
              UnservedException.class,
              () ->
                  installation
                      .host()
                      .generate(new Call<>("distilgpt2", REQUEST, false, Cancellation.NEVER)));
      assertEquals(ErrorKind.NOT_FOUND, refused.kind());
      assertEquals(1, refused.attempts().size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void corruptWeightsAreNamedAndAnsweredByTheStandIn(String runtime) throws IOException {
    Installation.fill(home, List.of("gpt2", "safetensors", "lite"));
    Path weights = home.resolve("Model/gpt2/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, java.util.Arrays.copyOf(bytes, bytes.length - 100));
    try (Installation installation = Installation.start(home, runtime);
        TextAnswer answer = ask(installation, "gpt2")) {
      assertEquals("text-lite", answer.served().model());
      Attempt attempt = answer.served().attempts().getFirst();
      assertEquals(Attempt.Kind.LOAD_FAILED, attempt.kind());
      assertTrue(attempt.reason().contains("model.safetensors"), attempt.reason());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void callersMistakeNeverFallsBack(String runtime) throws IOException {
    Installation.fill(home, List.of("gpt2", "safetensors", "lite"));
    try (Installation installation = Installation.start(home, runtime)) {
      List<Integer> tooLong = java.util.Collections.nCopies(41, 1);
      TextRequest request = TextRequest.of(new Prompt.Tokens(tooLong), 1);

      TantraException refused =
          assertThrows(
              TantraException.class, () -> installation.host().generate(Call.of("gpt2", request)));

      assertEquals(ErrorKind.INVALID, refused.kind());
      assertEquals("context_length_exceeded", refused.code());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void changedConfigurationTakesEffectAndAWrongOneDoesNot(String runtime) throws IOException {
    Installation.fill(home, List.of("gpt2", "safetensors", "lite", "storyteller"));
    try (Installation installation = Installation.start(home, runtime)) {
      Path config = home.resolve("Config/distilgpt2.yaml");
      Files.writeString(config, "fallbacks: [storyteller]\n");
      try (TextAnswer answer = ask(installation, "distilgpt2")) {
        assertEquals("storyteller", answer.served().model());
      }

      Files.writeString(config, "fallback: [text-lite, storyteller]\n");
      try (TextAnswer answer = ask(installation, "distilgpt2")) {
        assertEquals("storyteller", answer.served().model());
      }
      assertEquals(
          "Config/distilgpt2.yaml has 1 problem. Line 1: unknown key 'fallback', did you mean"
              + " 'fallbacks'?",
          installation.host().configProblems().get("distilgpt2"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void mistakesBesideOneModelDoNotReachAnother(String runtime) throws IOException {
    Installation.fill(home, List.of("gpt2", "safetensors", "lite"));
    Files.writeString(home.resolve("Config/text-lite.yaml"), "fallbackz: []\n");
    Files.createDirectories(home.resolve("Model/distilgpt2"));
    Files.writeString(
        home.resolve("Model/distilgpt2/model.safetensors.index.json"),
        "{\"weight_map\": {\"wte.weight\": \"model-00001-of-00002.safetensors\"}}");
    try (Installation installation = Installation.start(home, runtime);
        TextAnswer answer = ask(installation, "distilgpt2")) {
      assertEquals("text-lite", answer.served().model());
      Attempt attempt = answer.served().attempts().getFirst();
      assertTrue(attempt.reason().contains("model-00001-of-00002"), attempt.reason());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void tokenIdsAreNeverReadByAnotherTokenizer(String runtime) throws IOException {
    Installation.fill(home, List.of("gpt2", "safetensors", "lite"));
    try (Installation installation = Installation.start(home, runtime)) {
      TextRequest request = TextRequest.of(new Prompt.Tokens(List.of(1, 2)), 1);

      UnservedException refused =
          assertThrows(
              UnservedException.class,
              () -> installation.host().generate(Call.of("distilgpt2", request)));

      assertEquals(1, refused.attempts().size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void unknownModelNamesTheNearest(String runtime) throws IOException {
    Installation.fill(home, List.of("lite"));
    try (Installation installation = Installation.start(home, runtime)) {
      TantraException unknown =
          assertThrows(TantraException.class, () -> ask(installation, "text-life"));

      assertEquals("model_not_found", unknown.code());
      assertTrue(unknown.getMessage().contains("'text-lite'"), unknown.getMessage());
    }
  }

  @Test
  void cancelledAnswerEndsBeforeItsNextPiece() throws IOException {
    Installation.fill(home, List.of("lite"));
    AtomicBoolean gone = new AtomicBoolean();
    try (Installation installation = Installation.start(home, "pf4j");
        TextAnswer answer =
            installation.host().generate(new Call<>("text-lite", REQUEST, true, gone::get))) {
      assertFalse(answer.next().isEmpty());
      gone.set(true);

      TantraException ended = assertThrows(TantraException.class, answer::next);
      assertEquals(ErrorKind.CANCELLED, ended.kind());
    }
  }

  @Test
  void interruptedCallerHidesNoModelFromTheOthers() throws IOException {
    Installation.fill(home, List.of("lite"));
    try (Installation installation = Installation.start(home, "pf4j")) {
      Thread.currentThread().interrupt();
      TantraException ended =
          assertThrows(TantraException.class, () -> ask(installation, "text-lite"));
      assertEquals(ErrorKind.CANCELLED, ended.kind());
      assertTrue(Thread.interrupted());

      try (TextAnswer answer = ask(installation, "text-lite")) {
        assertEquals("text-lite", answer.served().model());
      }
    }
  }
}
