package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.Prompt;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.host.registry.PluginJar;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.TextAnswer;
import org.tantra.host.resolve.UnservedException;

/// A model that goes wrong in every way it can; the host goes on.
final class FaultyModelTest {
  private static final TextRequest REQUEST = TextRequest.of(new Prompt.Text("Hello"), 5);

  @TempDir Path home;

  private Installation start(String runtime, String fault) throws IOException {
    fill(home, fault);
    return Installation.start(home, runtime);
  }

  /// A host that does not wait long for what hangs, when it closes.
  private void fill(Path home, String fault) throws IOException {
    Installation.fill(home, List.of("lite"));
    replace(home, "stop-timeout: 2 s", "stop-timeout: 300 ms");
    Files.writeString(home.resolve("Config/faulty.yaml"), "model: {fault: " + fault + "}\n");
    try (InputStream source =
        Objects.requireNonNull(
            getClass().getResourceAsStream("/plugin-sources/faulty/FaultyModel.java"))) {
      PluginJar.empty("faulty", "1.0.0")
          .compiled(new String(source.readAllBytes(), StandardCharsets.UTF_8))
          .service("org.tantra.api.Model", "faulty.FaultyModel")
          .writeTo(home.resolve("plugins/faulty.jar"));
    }
  }

  private static void replace(Path home, String setting, String by) throws IOException {
    Path config = home.resolve("Config/host.yaml");
    Files.writeString(config, Files.readString(config).replace(setting, by));
  }

  @ParameterizedTest
  @CsvSource({
    "pf4j, load, LOAD_FAILED, java.lang.IllegalStateException: boom",
    "felix, load, LOAD_FAILED, java.lang.IllegalStateException: boom",
    "pf4j, begin, ANSWER_FAILED, java.lang.IllegalStateException: boom",
    "pf4j, overflow, ANSWER_FAILED, java.lang.StackOverflowError",
    "pf4j, none, ANSWER_FAILED, next() gave null",
    "pf4j, memory, ANSWER_FAILED, java.lang.OutOfMemoryError: boom"
  })
  void standInAnswersAndSaysWhy(String runtime, String fault, Attempt.Kind kind, String reason)
      throws IOException {
    try (Installation installation = start(runtime, fault);
        TextAnswer answer = installation.host().generate(Call.of("faulty", REQUEST))) {
      assertStandsIn(answer, kind, reason);
    }
  }

  private static void assertStandsIn(TextAnswer answer, Attempt.Kind kind, String reason) {
    assertEquals("text-lite", answer.served().model());
    Attempt attempt = answer.served().attempts().getFirst();
    assertEquals(kind, attempt.kind());
    assertTrue(attempt.reason().contains(reason), attempt.reason());
    assertTrue(attempt.reason().contains("faulty 1.0.0"), attempt.reason());
  }

  /// The stand-in has to be loaded within the same short time. A busy machine gets a longer one.
  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void modelThatHangsIsGivenUpAndTheStandInAnswers(String runtime) {
    assertTrue(
        Stream.of("500 ms", "5000 ms", "50000 ms").anyMatch(limit -> standsInAfter(limit, runtime)),
        "nobody answered");
  }

  private boolean standsInAfter(String limit, String runtime) {
    Path own = home.resolve(limit);
    try {
      fill(own, "hang");
      replace(own, "load-timeout: 1 m", "load-timeout: " + limit);
      try (Installation installation = Installation.start(own, runtime);
          TextAnswer answer = installation.host().generate(Call.of("faulty", REQUEST))) {
        assertStandsIn(
            answer,
            Attempt.Kind.LOAD_FAILED,
            "did not finish loading model 'faulty' within " + limit);
        return true;
      }
    } catch (UnservedException _) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void failureMidwayEndsTheAnswerAndNothingElse(String runtime) throws IOException {
    try (Installation installation = start(runtime, "midway")) {
      try (TextAnswer answer = installation.host().generate(Call.of("faulty", REQUEST))) {
        assertEquals("faulty", answer.served().model());
        answer.next();
        answer.next();
        TantraException failed = assertThrows(TantraException.class, answer::next);
        assertEquals(ErrorKind.INTERNAL, failed.kind());
      }

      try (TextAnswer other = installation.host().generate(Call.of("text-lite", REQUEST))) {
        assertFalse(other.next().isEmpty());
      }
    }
  }

  @Test
  void stuckAnswersWhoseCallersHaveGoneDoNotStopTheOthers() throws IOException {
    int more = Runtime.getRuntime().availableProcessors() + 1;
    try (Installation installation = start("pf4j", "stuck")) {
      for (int i = 0; i < more; i++) {
        AtomicInteger looks = new AtomicInteger();
        Call<TextRequest> call =
            new Call<>("faulty", REQUEST, true, () -> looks.incrementAndGet() > 4);
        TantraException gone =
            assertThrows(TantraException.class, () -> installation.host().generate(call));
        assertEquals(ErrorKind.CANCELLED, gone.kind());
      }

      try (TextAnswer other = installation.host().generate(Call.of("text-lite", REQUEST))) {
        assertFalse(other.next().isEmpty());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void recoveredFirstChoiceTakesOverByItself(String runtime) throws IOException {
    try (Installation installation = start(runtime, "load")) {
      try (TextAnswer answer = installation.host().generate(Call.of("faulty", REQUEST))) {
        assertEquals("text-lite", answer.served().model());
      }

      Files.writeString(home.resolve("Config/faulty.yaml"), "model: {fault: nowhere}\n");

      try (TextAnswer answer = installation.host().generate(Call.of("faulty", REQUEST))) {
        assertEquals("faulty", answer.served().model());
        assertEquals(List.of(), answer.served().attempts());
      }
    }
  }
}
