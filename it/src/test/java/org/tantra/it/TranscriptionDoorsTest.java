package org.tantra.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.openai.models.audio.AudioResponseFormat;
import com.openai.models.audio.transcriptions.TranscriptionCreateParams;
import com.openai.models.audio.transcriptions.TranscriptionSegment;
import com.openai.models.audio.transcriptions.TranscriptionVerbose;
import com.openai.models.audio.translations.TranslationCreateParams;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.media.SoundEncoder;
import org.tantra.media.SoundFormat;

/// The Whisper of a golden case behind the HTTP door: OpenAI's client gets what the reference
/// gives, and odd recordings end in a transcript or an error that says what is wrong.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("deprecation") // translations: deprecated upstream, promised by us
final class TranscriptionDoorsTest {
  private static final Path GOLDEN =
      Installation.ROOT.resolve("plugins/whisper/src/test/resources/golden/whisper-e2e-tiny");

  private static final int THREE_HOURS = 3 * 60 * 60;

  /// A recording, and what becomes of it.
  ///
  /// @param word of the error's message; empty if there is a transcript
  /// @param seconds of the transcript's recording
  private record Odd(MemorySegment file, String word, double seconds) {
    static Odd of(byte[] file, String word, double seconds) {
      return new Odd(MemorySegment.ofArray(file), word, seconds);
    }

    byte[] bytes() {
      return file.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private Door door;

  @BeforeAll
  void start(@TempDir Path home) throws IOException {
    Installation.fill(home, List.of("safetensors", "whisper"));
    copyModel(home);
    door = Door.open(home);
  }

  private static void copyModel(Path home) throws IOException {
    Path model = Files.createDirectories(home.resolve("Model/whisper"));
    for (String file : List.of("config.json", "model.safetensors", "vocab.tiktoken")) {
      Files.copy(GOLDEN.resolve(file), model.resolve(file));
    }
    // One attempt at each window, as the golden case has it.
    Path config = Files.createDirectories(home.resolve("Config")).resolve("whisper.yaml");
    Files.writeString(
        config, "model: {compression_ratio_threshold: off, logprob_threshold: off}\n");
  }

  @AfterAll
  void stop() {
    door.close();
  }

  private static JsonNode expected() throws IOException {
    return new JsonMapper().readTree(GOLDEN.resolve("expected.json").toFile());
  }

  /// The recording of the golden case, put together as it says.
  private static byte[] recording() throws IOException {
    ByteArrayOutputStream samples = new ByteArrayOutputStream();
    for (JsonNode part : expected().path("audio").path("plan")) {
      if (part.isTextual()) {
        byte[] wav = Files.readAllBytes(GOLDEN.resolve(part.asText() + ".wav"));
        samples.write(wav, 44, wav.length - 44);
      } else {
        samples.writeBytes(new byte[2 * (int) Math.round(part.asDouble() * 16_000)]);
      }
    }
    return WavFile.of(1, 1, 16, 16_000, samples.toByteArray());
  }

  @Test
  void openAiClientTranscribesAsTheReferenceDoes() throws IOException {
    JsonNode run = expected().path("runs").path(0).path("result");

    TranscriptionVerbose answer =
        door.openAi()
            .audio()
            .transcriptions()
            .create(
                TranscriptionCreateParams.builder()
                    .file(recording())
                    .model("whisper")
                    .temperature(0)
                    .responseFormat(AudioResponseFormat.VERBOSE_JSON)
                    .build())
            .asVerbose();

    assertEquals(76.05, answer.duration(), 0.01);
    assertEquals(run.path("language").asText(), answer.language());
    List<TranscriptionSegment> segments = answer.segments().orElseThrow();
    assertEquals(run.path("segments").size(), segments.size());
    for (int i = 0; i < segments.size(); i++) {
      JsonNode segment = run.path("segments").path(i);
      assertEquals(segment.path("text").asText(), segments.get(i).text());
      assertEquals(segment.path("start").asDouble(), segments.get(i).start(), 1e-3);
      assertEquals(segment.path("end").asDouble(), segments.get(i).end(), 1e-3);
      assertEquals(segment.path("avg_logprob").asDouble(), segments.get(i).avgLogprob(), 2e-3);
    }
  }

  @Test
  void openAiClientTranslates() throws IOException {
    var answer =
        door.openAi()
            .audio()
            .translations()
            .create(
                TranslationCreateParams.builder()
                    .file(Files.readAllBytes(GOLDEN.resolve("b.wav")))
                    .model("whisper")
                    .temperature(0)
                    .responseFormat(TranslationCreateParams.ResponseFormat.VERBOSE_JSON)
                    .build())
            .asVerbose();

    assertFalse(answer.language().isBlank());
    assertEquals(1.4, answer.duration(), 0.01);
    assertFalse(answer.segments().orElseThrow().isEmpty());
  }

  /// Every way in which a recording may be odd.
  private static Map<String, Odd> odd() throws IOException {
    byte[] second = WavFile.of(1, 1, 16, 16_000, noise(32_000));
    byte[] claiming = second.clone();
    ByteBuffer.wrap(claiming)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(4, 36 + 32_000 * THREE_HOURS)
        .putInt(40, 32_000 * THREE_HOURS);
    byte[] flac = encoded(SoundFormat.FLAC);
    Map<String, Odd> files = new LinkedHashMap<>();
    files.put("empty.wav", Odd.of(new byte[0], "empty", 0));
    files.put("one-sample.wav", Odd.of(WavFile.of(1, 1, 16, 16_000, new byte[2]), "", 0));
    files.put("silence.wav", Odd.of(WavFile.of(1, 1, 16, 16_000, new byte[64_000]), "", 2));
    files.put("noise.wav", Odd.of(second, "", 1));
    files.put("8-bit.wav", Odd.of(WavFile.of(1, 1, 8, 8_000, noise(8_000)), "", 1));
    files.put("24-bit.wav", Odd.of(WavFile.of(1, 2, 24, 44_100, noise(6 * 44_100)), "", 1));
    files.put("float.wav", Odd.of(WavFile.of(3, 1, 32, 22_050, new byte[4 * 22_050]), "", 1));
    files.put("float-that-is-no-number.wav", Odd.of(noNumbers(), "finite", 0));
    files.put("5.1.wav", Odd.of(WavFile.of(1, 6, 16, 48_000, noise(12 * 48_000)), "", 1));
    files.put("flac.mp3", Odd.of(flac, "", 1));
    files.put("opus.wav", Odd.of(encoded(SoundFormat.OPUS), "", 1));
    files.put("cut-in-its-samples.wav", Odd.of(Arrays.copyOf(second, 16_044), "", 0.5));
    files.put("cut-in-its-header.wav", Odd.of(Arrays.copyOf(second, 30), "fmt", 0));
    files.put("cut.flac", Odd.of(Arrays.copyOf(flac, 30), "cut short", 0));
    files.put("claims-three-hours.wav", Odd.of(claiming, "", 1));
    files.put("no-sound.wav", Odd.of("This is a text.".getBytes(UTF_8), "none of WAV", 0));
    files.put("zeros.wav", Odd.of(new byte[1000], "none of WAV", 0));
    return files;
  }

  private static byte[] encoded(SoundFormat format) {
    SoundEncoder encoder = format.encoder(16_000);
    float[] samples = new float[16_000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.3 * Math.sin(0.1 * i));
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(encoder.header());
    file.writeBytes(encoder.add(samples));
    file.writeBytes(encoder.finish());
    return file.toByteArray();
  }

  private static byte[] noNumbers() {
    ByteBuffer samples = ByteBuffer.allocate(4 * 16_000).order(ByteOrder.LITTLE_ENDIAN);
    while (samples.hasRemaining()) {
      samples.putFloat(samples.position() % 3 == 0 ? Float.NaN : Float.POSITIVE_INFINITY);
    }
    return WavFile.of(3, 1, 32, 16_000, samples.array());
  }

  private static byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(bytes).nextBytes(noise);
    return noise;
  }

  @Test
  void oddRecordingsEndInAResultOrAClearErrorOverHttp() throws Exception {
    for (Map.Entry<String, Odd> odd : odd().entrySet()) {
      HttpResponse<String> response =
          door.send(
              form(odd.getKey(), odd.getValue().bytes(), false),
              HttpResponse.BodyHandlers.ofString());
      String what = odd.getKey() + ": " + response.body();
      JsonNode answer = new JsonMapper().readTree(response.body());
      if (odd.getValue().word().isEmpty()) {
        assertEquals(200, response.statusCode(), what);
        assertEquals(odd.getValue().seconds(), answer.path("duration").asDouble(-1), 0.01, what);
      } else {
        assertEquals(4, response.statusCode() / 100, what);
        String message = answer.path("error").path("message").asText();
        assertTrue(message.contains(odd.getValue().word()), what);
      }
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "starts the launcher for Unix shells")
  void oddRecordingsEndInAResultOrAClearErrorOnTheCommandLine(@TempDir Path other)
      throws Exception {
    copyModel(other);
    List<String> command = new ArrayList<>(List.of("--json", "transcribe", "--language", "en"));
    Map<String, Odd> files = odd();
    for (Map.Entry<String, Odd> odd : files.entrySet()) {
      Path file = other.resolve(odd.getKey());
      Files.write(file, odd.getValue().bytes());
      command.add(file.toString());
    }

    // The three hours that one of them claims would be 691 MB.
    Launcher.Ended ended =
        new Launcher(other, "-Xmx128m -XX:MaxDirectMemorySize=64m")
            .run(command.toArray(String[]::new));

    assertEquals(2, ended.code(), ended.err());
    assertFalse(ended.err().contains("\tat "), ended.err());
    JsonNode documents = new JsonMapper().readTree(ended.out()).path("files");
    int at = 0;
    for (Map.Entry<String, Odd> odd : files.entrySet()) {
      JsonNode document = documents.path(at++);
      String what = odd.getKey() + ": " + document;
      assertTrue(document.path("file").asText().endsWith(odd.getKey()), what);
      if (odd.getValue().word().isEmpty()) {
        assertTrue(document.path("error").isMissingNode(), what);
        assertEquals(odd.getValue().seconds(), document.path("duration").asDouble(-1), 0.01, what);
      } else {
        assertEquals("invalid", document.path("error").path("kind").asText(), what);
        String message = document.path("error").path("message").asText();
        assertTrue(message.contains(odd.getValue().word()), what);
        assertTrue(message.contains("/" + odd.getKey() + "'"), what);
        assertTrue(ended.err().contains("tantra: " + message), ended.err());
      }
    }
    assertEquals(files.size(), documents.size());
  }

  /// At a rate so low that they fit a request: 58 million samples an hour for the network. One hour
  /// by default, three with `-Psoak`.
  @Test
  void hoursOfSilenceTakeNoMoreMemoryThanAMinute() throws Exception {
    int hours = Integer.getInteger("tantra.hours", 1);
    byte[] file = WavFile.of(1, 1, 8, 1_000, new byte[1_000 * 60 * 60 * hours]);
    Arrays.fill(file, 44, file.length, (byte) 0x80);
    long before = live();

    HttpResponse<InputStream> response =
        door.send(form("long.wav", file, true), HttpResponse.BodyHandlers.ofInputStream());

    assertEquals(200, response.statusCode());
    try (BufferedReader events =
        new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
      assertNotNull(events.readLine());
      // The form itself, on both sides; decoded it would have 230 MB an hour.
      assertTrue(live() - before < 8L * file.length, () -> (live() - before) / 1e6 + " MB");
    }
  }

  /// What the last collection has left, whatever was allocated since then.
  private static long live() {
    System.gc();
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(
            pool -> pool.getType() == MemoryType.HEAP && pool.isCollectionUsageThresholdSupported())
        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
        .sum();
  }

  private HttpRequest form(String name, byte[] file, boolean stream) {
    String boundary = "between-the-parts";
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    Map.of(
            "model", "whisper",
            "temperature", "0",
            "language", "en",
            "response_format", stream ? "json" : "verbose_json",
            "stream", Boolean.toString(stream))
        .forEach(
            (key, value) ->
                body.writeBytes(
                    "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                        .formatted(boundary, key, value)
                        .getBytes(UTF_8)));
    body.writeBytes(
        "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
            .formatted(boundary, name)
            .getBytes(UTF_8));
    body.writeBytes(file);
    body.writeBytes("\r\n--%s--\r\n".formatted(boundary).getBytes(UTF_8));
    return door.request("/v1/audio/transcriptions")
        .header("Content-Type", "multipart/form-data; boundary=" + boundary)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
        .build();
  }
}
