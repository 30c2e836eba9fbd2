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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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

  @SuppressWarnings("NullAway.Init") // set before each test
  private Path second;

  @BeforeEach
  void prepare() throws IOException {
    session = new Session(home, _ -> {});
    file = Files.write(home.resolve("input.bin"), new byte[] {1, 2, 3});
    second = Files.write(home.resolve("second.bin"), new byte[] {4});
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
      assertEquals(List.of(file, second), files.sorted().toList());
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

  /// Between two files, one that is missing.
  private String[] withMissing(String... command) {
    return Stream.of(
            Stream.of(command),
            Stream.of(file.toString(), home.resolve("nowhere.bin").toString(), second.toString()))
        .flatMap(arguments -> arguments)
        .toArray(String[]::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"transcribe", "ocr"})
  void badFileKeepsNoOtherFromItsTurn(String command) throws IOException {
    Ran ran = session.run(withMissing(command));

    assertEquals(ExitCode.of(ErrorKind.NOT_FOUND), ran.exitCode(), ran.err());
    assertEquals(2, ran.out().lines().filter(line -> line.startsWith("== ")).count(), ran.out());
    assertTrue(ran.err().contains("tantra: There is no file '" + home), ran.err());

    JsonNode files = session.run(withMissing(command, "--json")).json().get("files");
    assertEquals(3, files.size());
    assertTrue(files.get(0).get("error") == null && files.get(2).get("error") == null);
    assertEquals("not_found", files.get(1).at("/error/kind").asText());
    assertTrue(files.get(1).get("file").asText().endsWith("nowhere.bin"));
  }

  @Test
  void firstFailureSaysTheExitCode() {
    Session failing =
        new Session(
            home,
            host -> {
              host.media.failures.add(FakeMedia.unreadable());
              host.media.failures.add(new TantraException(ErrorKind.INTERNAL, "It broke."));
            });
    Ran ran = failing.run("transcribe", file.toString(), second.toString(), file.toString());

    assertEquals(ExitCode.of(ErrorKind.INVALID), ran.exitCode());
    assertTrue(ran.err().contains("tantra: '" + file + "': The audio file is none"), ran.err());
    assertTrue(ran.err().contains("tantra: It broke."), ran.err());
    assertEquals("== " + file + " ==\nHello\nworld.\n", ran.out());
  }

  @Test
  void onlyFileAtFaultIsTheCommandsError() throws IOException {
    Session failing = new Session(home, host -> host.media.failure = FakeMedia.unreadable());
    Ran ran = failing.run("transcribe", "--json", file.toString());

    assertEquals(ExitCode.of(ErrorKind.INVALID), ran.exitCode());
    assertEquals("invalid", ran.json().at("/error/kind").asText());
    assertTrue(ran.err().contains("'" + file + "': "), ran.err());
  }

  @Test
  void cancellationEndsTheCommand() {
    Session cancelled =
        new Session(
            home,
            host -> host.media.failures.add(new TantraException(ErrorKind.CANCELLED, "Enough.")));
    Ran ran = cancelled.run("ocr", file.toString(), second.toString());

    assertEquals(ExitCode.of(ErrorKind.CANCELLED), ran.exitCode());
    assertEquals("", ran.out());
  }

  @Test
  void itemsAtFaultAreLeftOutOfTheEmbedding() throws IOException {
    String[] command = {
      "embed", "a text", "--image", file.toString(), "--image", home.resolve("nowhere").toString()
    };
    Session failing =
        new Session(
            home,
            host ->
                host.media.failures.add(
                    new TantraException(ErrorKind.INVALID, "No picture.").about("input[1].image")));
    Ran ran = failing.run(command);

    assertEquals(ExitCode.of(ErrorKind.NOT_FOUND), ran.exitCode());
    assertTrue(ran.err().contains("tantra: '" + file + "': No picture."), ran.err());
    // As many lines as items.
    assertTrue(ran.out().startsWith("1.0 0.0 "), ran.out());
    assertTrue(ran.out().endsWith("\n\n\n"), ran.out());

    JsonNode items = session.run(withAdded(command, "--json")).json().get("items");
    assertEquals(768, items.get(1).get("embedding").size());
    assertEquals("not_found", items.get(2).at("/error/kind").asText());
  }

  private static String[] withAdded(String[] command, String option) {
    return Stream.concat(Stream.of(command), Stream.of(option)).toArray(String[]::new);
  }

  @Test
  void nothingToEmbedIsSaidSo() {
    assertEquals(ExitCode.of(ErrorKind.INVALID), session.run("embed").exitCode());
  }
}
