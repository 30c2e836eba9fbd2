package org.tantra.plugin.espeak;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.Answer;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedModel;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.SpeechSynthesis.Request;
import org.tantra.api.SpeechSynthesis.Speech;
import org.tantra.api.SpeechSynthesis.Voice;
import org.tantra.api.TantraException;
import org.tantra.testkit.TestLoadContext;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the program is a shell script")
final class EspeakSpeechTest {
  private static final String SPEAKS =
      "cat >\"$here/said\"; echo \"$*\" >\"$here/arguments\"; cat \"$0.wav\"";

  @TempDir private Path folder;

  private LoadedModel loaded(String speaking) {
    return new EspeakModel().load(new FakeProgram(folder).context(speaking));
  }

  private static SpeechSynthesis voice(LoadedModel model) {
    return model.as(SpeechSynthesis.class).orElseThrow();
  }

  private String file(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  @Test
  void textGoesInUninterpretedAndSpeechComesOut() throws IOException {
    String text = "It's $(touch here) `id` ü; -v x.";
    try (LoadedModel model = loaded(SPEAKS);
        Answer<Speech> answer = voice(model).speak(Request.of(text))) {
      Speech speech = answer.next().orElseThrow();
      assertEquals(22_050, speech.samples().shape().elements());
      assertEquals(0.3, speech.samples().floatAt(31), 0.01);
      assertTrue(answer.next().isEmpty());
    }
    assertEquals(text, file("said"));
    assertEquals("-v en-us -s 175 --stdin --stdout\n", file("arguments"));
  }

  @Test
  void voicesAreTheProgramsTheDefaultFirst() throws IOException {
    try (LoadedModel model = loaded(SPEAKS)) {
      assertEquals(List.of("en-us", "de"), voice(model).voices().stream().map(Voice::id).toList());
      assertEquals("eSpeak-NG-text-to-speech-1.51", model.fingerprint());
      voice(model).speak(new Request("Hallo.", "de", 1)).next();
      assertEquals("-v de -s 175 --stdin --stdout\n", file("arguments"));
      TantraException e =
          assertThrows(
              TantraException.class, () -> voice(model).speak(new Request("x", "xx; id", 1)));
      assertEquals(ErrorKind.INVALID, e.kind());
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 350, 22050", "4, 450, 14175", "0.25, 80, 40320"})
  void tempoIsTheProgramsAsFarAsItGoes(double speed, int pace, int samples) throws IOException {
    try (LoadedModel model = loaded(SPEAKS)) {
      Speech speech = voice(model).speak(new Request("Hello.", null, speed)).next().orElseThrow();
      assertEquals("-v en-us -s " + pace + " --stdin --stdout\n", file("arguments"));
      assertEquals(samples, (double) speech.samples().shape().elements(), 1000);
    }
  }

  @Test
  void whereItIsNotInstalledItSaysSo() {
    TestLoadContext context =
        TestLoadContext.empty()
            .withSettings(Map.of("model", Map.of("executable", "no-such-program-anywhere")));
    TantraException e = assertThrows(TantraException.class, () -> new EspeakModel().load(context));
    assertEquals(ErrorKind.UNSUPPORTED, e.kind());
    assertTrue(e.getMessage().contains("apt install espeak-ng"), e.getMessage());
  }

  @Test
  void failingProgramIsQuoted() {
    try (LoadedModel model = loaded("echo 'no such language' >&2; exit 3")) {
      TantraException e =
          assertThrows(TantraException.class, () -> voice(model).speak(Request.of("x")).next());
      assertEquals(ErrorKind.INTERNAL, e.kind());
      assertTrue(e.getMessage().contains("ended with 3: no such language"), e.getMessage());
    }
  }

  @Test
  void whatIsNoSpeechIsAnError() {
    try (LoadedModel model = loaded("echo hello")) {
      TantraException e =
          assertThrows(TantraException.class, () -> voice(model).speak(Request.of("x")).next());
      assertEquals(ErrorKind.INTERNAL, e.kind());
    }
  }

  @Test
  void endlessOutputIsCutOff() {
    try (LoadedModel model = loaded("exec cat /dev/zero")) {
      TantraException e =
          assertThrows(TantraException.class, () -> voice(model).speak(Request.of("x")).next());
      assertEquals(ErrorKind.EXHAUSTED, e.kind());
      assertTrue(e.getMessage().contains("printed more than"), e.getMessage());
    }
  }

  @Test
  void hangingProgramIsEndedWithItsChildren() throws IOException {
    Path file = hanging().file();
    // On a busy machine it may be ended before it has a child; then it gets longer.
    for (int millis = 600; millis < 60_000 && !Files.exists(folder.resolve("child")); millis *= 4) {
      EspeakProgram program = new EspeakProgram(file, Duration.ofMillis(millis));
      TantraException e =
          assertThrows(
              TantraException.class,
              () -> program.run(List.of("-v"), new byte[0], Cancellation.NEVER));
      assertEquals(ErrorKind.EXHAUSTED, e.kind());
    }
    assertEnded();
  }

  @Test
  void cancelledProgramIsEndedWithItsChildren() throws IOException {
    EspeakProgram program = hanging();
    TantraException e =
        assertThrows(
            TantraException.class,
            () ->
                program.run(
                    List.of("-v"), new byte[0], () -> Files.exists(folder.resolve("child"))));
    assertEquals(ErrorKind.CANCELLED, e.kind());
    assertEnded();
  }

  private EspeakProgram hanging() {
    new FakeProgram(folder)
        .context("sleep 1000 & echo $! >\"$here/new\"; mv \"$here/new\" \"$here/child\"; wait");
    return new EspeakProgram(folder.resolve("espeak-ng"), Duration.ofSeconds(60));
  }

  private void assertEnded() throws IOException {
    long child = Long.parseLong(file("child").strip());
    CompletableFuture<ProcessHandle> end =
        ProcessHandle.of(child)
            .map(ProcessHandle::onExit)
            .orElse(CompletableFuture.completedFuture(null));
    end.orTimeout(60, java.util.concurrent.TimeUnit.SECONDS).join();
    assertFalse(ProcessHandle.of(child).map(ProcessHandle::isAlive).orElse(false));
    assertTrue(
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> requireNonNull(thread.getName()).startsWith("espeak-")));
  }
}
