package org.tantra.host.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.ErrorKind;
import org.tantra.api.Prompt;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.host.cli.Session.Ran;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.Call;

final class AnswerCommandsTest {
  @TempDir private Path home = Path.of("");

  private static final Attempt DECLINED =
      new Attempt("gpt2", Attempt.Kind.NO_WEIGHTS, "there are no weights in Model/gpt2");

  @Test
  void generateStreamsTheAnswerToStdoutAndNothingElse() {
    Ran ran = new Session(home, _ -> {}).run("generate", "Once");

    assertEquals(new Ran(0, "Once upon a time\n", ""), ran);
  }

  @Test
  void optionsReachTheRequest() {
    Session session = new Session(home, _ -> {});
    session.run(
        "generate",
        "Hi",
        "-m",
        "m",
        "-n",
        "9",
        "--temperature",
        "0.5",
        "--top-k",
        "3",
        "--top-p",
        "0.9",
        "--seed",
        "42",
        "--stop",
        "END",
        "--stop",
        "FIN",
        "--no-fallback");

    Call<TextRequest> call = session.host().calls.getFirst();
    assertEquals("m", call.model());
    assertFalse(call.fallback());
    assertEquals(9, call.request().maxTokens());
    assertEquals(List.of("END", "FIN"), call.request().stop());
    assertEquals(0.5, call.request().sampling().temperature());
    assertEquals(3, call.request().sampling().topK());
    assertEquals(0.9, call.request().sampling().topP());
    assertEquals(42L, call.request().sampling().seed());
  }

  @Test
  void withoutModelTheConfiguredDefaultIsAsked() {
    Session session = new Session(home, _ -> {});
    session.run("generate", "Hi");

    assertEquals("gpt2", session.host().calls.getFirst().model());
  }

  @Test
  void dashReadsThePromptFromStdin() {
    Session session = new Session(home, _ -> {});
    session.in = "piped\ntext";
    session.run("generate", "-");

    assertEquals(
        new Prompt.Text("piped\ntext"), session.host().calls.getFirst().request().prompt());
  }

  @Test
  void standInIsToldOnStderrWithTheReason() {
    Ran ran = new Session(home, host -> host.attempts = List.of(DECLINED)).run("generate", "Once");

    assertEquals("Once upon a time\n", ran.out());
    assertEquals(
        """
        tantra: text-lite stands in for gpt2.
          gpt2: no_weights: there are no weights in Model/gpt2
        """,
        ran.err());
  }

  @Test
  void jsonIsOneDocumentWithWhoAnswered() throws IOException {
    Ran ran =
        new Session(home, host -> host.attempts = List.of(DECLINED))
            .run("generate", "Once", "--json");

    JsonNode document = ran.json();
    assertEquals("gpt2", document.path("model").asText());
    assertEquals("text-lite", document.path("served_by").asText());
    assertEquals("Once upon a time", document.path("text").asText());
    assertEquals("stop", document.path("finish_reason").asText());
    assertEquals("no_weights", document.path("attempts").path(0).path("kind").asText());
    assertEquals("tantra-fake-1.2.0-abc", document.path("system_fingerprint").asText());
  }

  @Test
  void errorIsOneLineAndTheExitCodeOfItsKind() {
    Session session =
        new Session(
            home,
            host ->
                host.failure =
                    Optional.of(new TantraException(ErrorKind.EXHAUSTED, "It does not fit.")));

    assertEquals(new Ran(6, "", "tantra: It does not fit.\n"), session.run("generate", "Hi"));
    assertTrue(session.host().closed);
  }

  @Test
  void withJsonAnErrorIsADocumentToo() throws IOException {
    Session session =
        new Session(
            home,
            host ->
                host.failure =
                    Optional.of(
                        new TantraException(ErrorKind.INVALID, "Too long.")
                            .withCode("context_length_exceeded")
                            .about("prompt")));

    JsonNode error = session.run("generate", "Hi", "--json").json().path("error");

    assertEquals("invalid", error.path("kind").asText());
    assertEquals("Too long.", error.path("message").asText());
    assertEquals("context_length_exceeded", error.path("code").asText());
    assertEquals("prompt", error.path("subject").asText());
  }

  @Test
  void samplingOutOfRangeIsRefusedByName() {
    Ran ran = new Session(home, _ -> {}).run("generate", "Hi", "--temperature", "3");

    assertEquals(2, ran.exitCode());
    assertTrue(ran.err().contains("temperature is 3.0"), ran.err());
  }

  @Test
  void chatAnswersLineByLineAndRemembersTheTurns() {
    Session session = new Session(home, _ -> {});
    session.in = "Hello\nAgain\n\nnever read\n";
    Ran ran = session.run("chat", "--system", "Be brief.");

    assertEquals("Once upon a time\nOnce upon a time\n", ran.out());
    assertEquals(2, session.host().calls.size());
    Prompt.Chat second = (Prompt.Chat) session.host().calls.get(1).request().prompt();
    assertEquals(
        List.of("Be brief.", "Hello", "Once upon a time", "Again"),
        second.messages().stream().map(Prompt.Message::text).toList());
  }

  @Test
  void chatWithAMessageAnswersItAndEnds() throws IOException {
    JsonNode document = new Session(home, _ -> {}).run("chat", "Hello", "--json").json();

    assertEquals(2, document.path("messages").size());
    assertEquals("assistant", document.path("messages").path(1).path("role").asText());
    assertEquals(1, document.path("answers").size());
  }
}
