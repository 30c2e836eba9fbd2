package org.tantra.host.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.TantraException;
import org.tantra.api.Transcription;
import org.tantra.host.cli.Session.Ran;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.FakeMedia;

/// `speak`, `transcribe`, `ocr` and `embed`.
final class MediaCommandsTest {
  @TempDir Path home;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Session session;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Path file;

  @BeforeEach
  void prepare() throws IOException {
    session = new Session(home, _ -> {});
    file = Files.write(home.resolve("input.bin"), new byte[] {1, 2, 3});
  }

  @Test
  void transcriptComesLineByLineAndTheStandInIsNamedOnStderr() {
    Ran ran = session.run("transcribe", file.toString());

    assertEquals(0, ran.exitCode(), ran.err());
    assertEquals("Hello\nworld.\n", ran.out());
    assertTrue(ran.err().contains("stand-in stands in for first"), ran.err());
    assertTrue(ran.err().contains("no_weights: There is no checkpoint."), ran.err());
  }

  @Test
  void optionsReachTheTranscription() {
    session.run(
        "transcribe",
        file.toString(),
        "-m",
        "big",
        "--no-fallback",
        "--language",
        "de",
        "--task",
        "translate",
        "--word-timestamps",
        "--prompt",
        "Names",
        "--beams",
        "5");

    Call<?> call = session.host().media.calls.remove();
    assertEquals("big", call.model());
    assertFalse(call.fallback());
    Transcription.Request request = assertInstanceOf(Transcription.Request.class, call.request());
    assertArrayEquals(new byte[] {1, 2, 3}, FakeMedia.bytes(request.audio()));
    assertTrue(request.translate());
    assertTrue(request.wordTimestamps());
    assertEquals("de", request.language());
    assertEquals("Names", request.prompt());
    assertEquals(5, request.beams());
  }

  @ParameterizedTest
  @CsvSource({"srt, 1\\n00:00:00", "vtt, WEBVTT\\n\\n", "tsv, start\tend\ttext\\n"})
  void subtitlesArePrintedWhole(String format, String beginning) {
    Ran ran = session.run("transcribe", file.toString(), "--format", format);

    assertTrue(ran.out().startsWith(beginning.replace("\\n", "\n")), ran.out());
  }

  @Test
  void verboseJsonIsOneDocument() throws IOException {
    JsonNode document =
        session
            .run("transcribe", file.toString(), "-f", "verbose_json", "--word-timestamps")
            .json();

    assertEquals("stand-in", document.get("served_by").asText());
    assertEquals("en", document.get("language").asText());
    assertEquals(2, document.get("segments").size());
    assertEquals("Hello", document.get("words").get(0).get("word").asText());
  }

  @Test
  void severalFilesAreTitled() {
    Ran ran = session.run("transcribe", file.toString(), file.toString());

    assertEquals(2, ran.out().lines().filter(line -> line.startsWith("== ")).count(), ran.out());
  }

  @Test
  void missingFileIsNamed() {
    Ran ran = session.run("transcribe", home.resolve("nowhere.wav").toString());

    assertEquals(ExitCode.of(ErrorKind.NOT_FOUND), ran.exitCode());
    assertTrue(ran.err().contains("nowhere.wav"), ran.err());
  }

  @Test
  void speechGoesToAFileThatIsWholeOrNotThere() throws IOException {
    Path wav = home.resolve("hello.wav");

    Ran ran = session.run("speak", "One. Two.", "-o", wav.toString(), "--voice", "kevin16");

    assertEquals(0, ran.exitCode(), ran.err());
    assertEquals(44 + 2 * 8, Files.size(wav));
    SpeechSynthesis.Request request =
        (SpeechSynthesis.Request) session.host().media.calls.remove().request();
    assertEquals("kevin16", request.voice());

    Session broken =
        new Session(
            home, host -> host.media.broken = new TantraException(ErrorKind.INTERNAL, "It broke."));
    Files.delete(wav);
    assertEquals(
        ExitCode.of(ErrorKind.INTERNAL),
        broken.run("speak", "One.", "-o", wav.toString()).exitCode());
    try (var files = Files.list(home)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void speechGoesToAPipeAndDashReadsStdin() {
    session.in = "From stdin.";

    Ran ran = session.run("speak", "-");

    assertTrue(ran.out().startsWith("RIFF"), ran.out());
    SpeechSynthesis.Request request =
        (SpeechSynthesis.Request) session.host().media.calls.remove().request();
    assertEquals("From stdin.", request.text());
  }

  @Test
  void whatIsNoWavIsRefusedBeforeAnythingIsSaid() {
    Ran ran = session.run("speak", "Hello.", "-o", home.resolve("hello.mp3").toString());

    assertEquals(ExitCode.of(ErrorKind.UNSUPPORTED), ran.exitCode());
    assertTrue(ran.err().contains("would have to be mp3"), ran.err());
    assertTrue(session.opened.isEmpty());
  }

  @Test
  void linesOfAnImageAndTheirBoxes() throws IOException {
    assertEquals("Page 7\n", session.run("ocr", file.toString()).out());

    JsonNode line = session.run("ocr", file.toString(), "--json").json().at("/files/0/lines/0");
    assertEquals(0.75, line.get("confidence").asDouble());
    assertEquals(0.5, line.get("box").get(2).asDouble());
  }

  @Test
  void itemsOfAllKindsAreEmbeddedInOrder() {
    Ran ran =
        session.run("embed", "a text", "--image", file.toString(), "--video", home.toString());

    assertEquals(3, ran.out().lines().count(), ran.err());
    assertTrue(ran.out().startsWith("1.0 0.0 "), ran.out());
    List<?> items = assertInstanceOf(List.class, session.host().media.calls.remove().request());
    assertEquals(new Media.Text("a text"), items.get(0));
    assertEquals(Modality.IMAGE, ((Media) items.get(1)).modality());
    assertInstanceOf(Media.Frames.class, items.get(2));
  }

  @Test
  void nothingToEmbedIsSaidSo() {
    assertEquals(ExitCode.of(ErrorKind.INVALID), session.run("embed").exitCode());
  }
}
