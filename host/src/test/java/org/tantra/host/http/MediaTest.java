package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.api.Transcription;
import org.tantra.host.resolve.FakeMedia;
import org.tantra.media.Sound;
import org.tantra.media.Sounds;

/// Speech, recordings, pictures and vectors over HTTP.
///
/// Longer than most classes: one flat list of what each route answers, over one set of fake models.
final class MediaTest extends ServerTest {
  private static final String BOUNDARY = "----part-7f3a";
  private static final byte[] RECORDING = {'R', 'I', 'F', 'F', '\r', '\n', '-', '-', 0, (byte) 255};

  private static byte[] form(Map<String, String> fields, byte[] file) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    fields.forEach(
        (name, value) ->
            body.writeBytes(
                "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                    .formatted(BOUNDARY, name, value)
                    .getBytes(StandardCharsets.UTF_8)));
    body.writeBytes(
        "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n"
            .formatted(BOUNDARY)
            .getBytes(StandardCharsets.UTF_8));
    body.writeBytes(file);
    body.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return body.toByteArray();
  }

  private HttpResponse<String> postForm(String path, byte[] body) {
    return client.send(
        client
            .request(path, "Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  private HttpResponse<String> transcribe(Map<String, String> fields) {
    return postForm("/v1/audio/transcriptions", form(fields, RECORDING));
  }

  private static List<String> events(String body) {
    return body.lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> line.substring(6))
        .toList();
  }

  // ---- transcriptions

  @Test
  void recordingArrivesAsSentAndTextGoesBack() {
    HttpResponse<String> response =
        transcribe(
            Map.of("model", "first", "language", "EN", "prompt", "Names", "temperature", "0"));

    assertEquals(200, response.statusCode(), response.body());
    assertEquals("Hello world.", Client.json(response).get("text").asText());
    assertEquals("first", response.headers().firstValue("X-Tantra-Model-Requested").orElseThrow());
    assertEquals("stand-in", response.headers().firstValue("X-Tantra-Model-Served").orElseThrow());
    var call = host.media.calls.remove();
    assertEquals("first", call.model());
    assertTrue(call.fallback());
    Transcription.Request request = assertInstanceOf(Transcription.Request.class, call.request());
    assertArrayEquals(RECORDING, FakeMedia.bytes(request.audio()));
    assertEquals("en", request.language());
    assertEquals("Names", request.prompt());
    assertEquals(List.of(), request.temperatures());
    assertFalse(request.translate());
    assertEquals(1, host.media.closed.availablePermits());
  }

  @Test
  void modelMayBeLeftOut() {
    assertEquals(200, transcribe(Map.of()).statusCode());
    assertNull(host.media.calls.remove().model());
  }

  @Test
  void verboseJsonHasSegmentsAndWordsIfAsked() {
    JsonNode answer =
        Client.json(
            transcribe(
                Map.of("response_format", "verbose_json", "timestamp_granularities[]", "word")));

    assertEquals("transcribe", answer.get("task").asText());
    assertEquals("en", answer.get("language").asText());
    assertEquals(3.25, answer.get("duration").asDouble());
    assertEquals(2, answer.get("segments").size());
    JsonNode segment = answer.get("segments").get(1);
    assertEquals(1.5, segment.get("start").asDouble());
    assertEquals(" world.", segment.get("text").asText());
    assertEquals(0, segment.get("no_speech_prob").asDouble()); // not a number is no JSON
    assertEquals("world.", answer.get("words").get(1).get("word").asText());
    assertTrue(((Transcription.Request) host.media.calls.remove().request()).wordTimestamps());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text | text/plain; charset=utf-8 | Hello world.¶",
        "tsv | text/tab-separated-values; charset=utf-8 |"
            + " start→end→text¶0→1500→Hello¶1500→3250→world.¶",
        "srt | application/x-subrip; charset=utf-8 | 1¶00:00:00,100 -->"
            + " 00:00:01,200¶Hello¶¶2¶00:00:01,600 --> 00:00:03,000¶world.¶¶",
        "vtt | text/vtt; charset=utf-8 | WEBVTT¶¶00:00.100 --> 00:01.200¶Hello¶¶00:01.600 -->"
            + " 00:03.000¶world.¶¶",
      })
  void otherFormatsAreFiles(String format, String type, String body) {
    HttpResponse<String> response = transcribe(Map.of("response_format", format));

    assertEquals(type, response.headers().firstValue("Content-Type").orElseThrow());
    assertEquals(body, response.body().replace("\n", "¶").replace("\t", "→"));
  }

  @Test
  void streamSendsEachSegmentAndThenAll() {
    HttpResponse<String> response = transcribe(Map.of("stream", "true"));

    List<String> events = events(response.body());
    assertEquals("Hello", Client.json(events.get(0)).get("delta").asText());
    assertEquals(" world.", Client.json(events.get(1)).get("delta").asText());
    JsonNode done = Client.json(events.get(2));
    assertEquals("transcript.text.done", done.get("type").asText());
    assertEquals("Hello world.", done.get("text").asText());
    assertEquals(4, done.get("usage").get("seconds").asDouble());
    assertEquals("[DONE]", events.get(3));
    assertTrue(response.body().endsWith("\n\n"), response.body());
  }

  @Test
  void brokenStreamEndsWithAnError() {
    host.media.broken = new TantraException(ErrorKind.INTERNAL, "The decoder broke.");

    HttpResponse<String> response = transcribe(Map.of("stream", "true"));

    assertTrue(response.body().contains("event: error\ndata: {\"error\""), response.body());
    assertFalse(response.body().contains("[DONE]"), response.body());
  }

  @Test
  void translationIsEnglishWhateverLanguageIsNamed() {
    HttpResponse<String> response =
        postForm(
            "/v1/audio/translations",
            form(Map.of("language", "de", "response_format", "verbose_json"), RECORDING));

    assertEquals("translate", Client.json(response).get("task").asText());
    Transcription.Request request = (Transcription.Request) host.media.calls.remove().request();
    assertTrue(request.translate());
    assertNull(request.language());
  }

  @Test
  void unreadableRecordingIsNoSupportedMedia() {
    host.media.failure = FakeMedia.unreadable();

    HttpResponse<String> response = transcribe(Map.of());

    assertEquals(415, response.statusCode(), response.body());
    assertEquals("unsupported_media_type", Client.json(response).get("error").get("code").asText());
  }

  @ParameterizedTest
  @CsvSource({
    "response_format, xml",
    "temperature, hot",
    "temperature, 7",
    "stream, perhaps",
    "timestamp_granularities[], sentence",
  })
  void wrongFieldsAreNamed(String field, String value) {
    HttpResponse<String> response = transcribe(Map.of(field, value));

    assertFieldRefused(field.replace("[]", ""), "invalid_value", response);
  }

  @Test
  void formWithoutFileIsRefused() {
    HttpResponse<String> response =
        postForm(
            "/v1/audio/transcriptions",
            "--%s\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nx\r\n--%s--"
                .formatted(BOUNDARY, BOUNDARY)
                .getBytes(StandardCharsets.UTF_8));

    assertFieldRefused("file", "missing_required_parameter", response);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no boundary at all",
        "------part-7f3a\r\n",
        "------part-7f3a\r\nContent-Disposition: form-data; name=\"file\"",
        "------part-7f3a\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc",
        "------part-7f3a\r\n\r\nnameless\r\n------part-7f3a--",
      })
  void damagedFormsAreRefused(String body) {
    HttpResponse<String> response =
        postForm("/v1/audio/transcriptions", body.getBytes(StandardCharsets.UTF_8));

    assertEquals(400, response.statusCode(), response.body());
  }

  @Test
  void jsonIsNoForm() {
    assertEquals(415, client.post("/v1/audio/transcriptions", "{}").statusCode());
  }

  @Test
  void recordingBeyondTheLimitIsRefused() {
    HttpResponse<String> response =
        postForm("/v1/audio/transcriptions", form(Map.of(), new byte[1 << 17]));

    assertEquals(413, response.statusCode(), response.body());
  }

  // ---- speech

  private HttpResponse<byte[]> speak(String fields) {
    try {
      return HttpClient.newHttpClient()
          .send(
              client
                  .request("/v1/audio/speech", "Content-Type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{" + fields + "\"input\": \"One. Two.\"}"))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void speechIsWavUnlessSaidOtherwise() {
    HttpResponse<byte[]> response = speak("\"model\": \"first\", \"voice\": \"alloy\", ");

    assertEquals("audio/wav", response.headers().firstValue("Content-Type").orElseThrow());
    ByteBuffer wav = ByteBuffer.wrap(response.body()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(44 + 2 * 8, wav.capacity());
    assertEquals(FakeMedia.RATE_HZ, wav.getInt(24));
    assertEquals(-1, wav.getInt(40)); // how long it gets is not known at its beginning
    assertEquals(32767, wav.getShort(44 + 6));
    SpeechSynthesis.Request request = (SpeechSynthesis.Request) host.media.calls.remove().request();
    assertNull(request.voice());
    assertEquals(1, request.speed());
    assertEquals("stand-in", response.headers().firstValue("X-Tantra-Model-Served").orElseThrow());
  }

  @Test
  void bareSamplesSayTheirRate() {
    HttpResponse<byte[]> response =
        speak("\"response_format\": \"pcm\", \"voice\": {\"id\": \"kevin16\"}, \"speed\": 2, ");

    assertEquals(
        "audio/pcm;rate=16000;channels=1",
        response.headers().firstValue("Content-Type").orElseThrow());
    assertEquals(16, response.body().length);
    SpeechSynthesis.Request request = (SpeechSynthesis.Request) host.media.calls.remove().request();
    assertEquals("kevin16", request.voice());
    assertEquals(2, request.speed());
  }

  @ParameterizedTest
  @CsvSource({"flac, audio/flac, fLaC", "opus, audio/ogg; codecs=opus, OggS"})
  void compressedSpeechIsWhatItSays(String format, String type, String first) {
    HttpResponse<byte[]> response = speak("\"response_format\": \"" + format + "\", ");

    assertEquals(type, response.headers().firstValue("Content-Type").orElseThrow());
    assertEquals(first, new String(response.body(), 0, 4, StandardCharsets.US_ASCII));
    Sound sound = Sounds.open(MemorySegment.ofArray(response.body()));
    float[] samples = new float[100];
    int rate = format.equals("opus") ? 48_000 : FakeMedia.RATE_HZ;
    assertEquals(rate, sound.sampleRateHz());
    assertEquals(8 * rate / FakeMedia.RATE_HZ, sound.read(samples, 100));
  }

  @Test
  void speechAsEvents() {
    HttpResponse<String> response =
        client.post(
            "/v1/audio/speech",
            "{\"input\": \"One. Two.\", \"stream_format\": \"sse\", \"response_format\": \"pcm\"}");

    List<String> events = events(response.body());
    assertEquals(3, events.size(), response.body());
    JsonNode first = Client.json(events.get(0));
    assertEquals("speech.audio.delta", first.get("type").asText());
    assertEquals(8, Base64.getDecoder().decode(first.get("audio").asText()).length);
    assertEquals("speech.audio.done", Client.json(events.get(2)).get("type").asText());
  }

  @Test
  void speechThatBreaksOffHasNoEnd() {
    host.media.broken = new TantraException(ErrorKind.INTERNAL, "The voice broke.");

    assertThrows(UncheckedIOException.class, () -> speak(""));
  }

  @ParameterizedTest
  @CsvSource({"mp3, unsupported_value", "aac, unsupported_value", "midi, invalid_value"})
  void formatsWithoutAnEncoderAreRefused(String format, String code) {
    HttpResponse<String> response =
        client.post(
            "/v1/audio/speech", "{\"input\": \"x\", \"response_format\": \"" + format + "\"}");

    assertFieldRefused("response_format", code, response);
    assertTrue(response.body().contains("'wav'"), response.body());
    assertTrue(host.media.calls.isEmpty());
  }

  @Test
  void speedOutOfRangeIsRefused() {
    assertFieldRefused(
        "speed",
        "invalid_value",
        client.post("/v1/audio/speech", "{\"input\": \"x\", \"speed\": 9}"));
    assertFieldRefused(
        "input",
        "missing_required_parameter",
        client.post("/v1/audio/speech", "{\"model\": \"first\"}"));
  }

  // ---- embeddings

  private JsonNode embed(String fields) {
    HttpResponse<String> response = client.post("/v1/embeddings", "{" + fields + "}");
    assertEquals(200, response.statusCode(), response.body());
    return Client.json(response);
  }

  @Test
  void base64AndNumbersAreTheSameVector() {
    JsonNode numbers = embed("\"input\": \"a text\"").get("data").get(0).get("embedding");
    String base64 =
        embed("\"input\": \"a text\", \"encoding_format\": \"base64\"")
            .get("data")
            .get(0)
            .get("embedding")
            .asText();

    var vector =
        ByteBuffer.wrap(Base64.getDecoder().decode(base64))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    assertEquals(768, numbers.size());
    assertEquals(768, vector.remaining());
    for (int i = 0; i < 768; i++) {
      assertEquals(numbers.get(i).floatValue(), vector.get(i));
    }
    assertEquals(1, vector.get(0));
  }

  @Test
  void usageCountsTheWordsOfTexts() {
    JsonNode usage = embed("\"input\": [\"Two words.\", \"eins, zwei; drei!\"]").get("usage");

    assertEquals(5, usage.get("prompt_tokens").asInt());
    assertEquals(5, usage.get("total_tokens").asInt());
  }

  @Test
  void itemsOfAllKindsKeepTheirOrder() {
    JsonNode answer =
        embed(
            """
            "model": "first", "dimensions": 768, "input": [
              {"text": "one"}, {"image": "data:image/png;base64,AQID"}, {"audio": "AQIDBA=="},
              {"video": "data:video/mp4;base64,AQ=="}]\
            """);

    assertEquals("stand-in", answer.get("model").asText());
    for (int i = 0; i < 4; i++) {
      assertEquals(i, answer.get("data").get(i).get("index").asInt());
      assertEquals(1, answer.get("data").get(i).get("embedding").get(i).asDouble());
    }
    List<?> items = assertInstanceOf(List.class, host.media.calls.remove().request());
    assertEquals(new Media.Text("one"), items.getFirst());
    Media.Encoded sound = assertInstanceOf(Media.Encoded.class, items.get(2));
    assertEquals(Modality.AUDIO, sound.modality());
    assertArrayEquals(new byte[] {1, 2, 3, 4}, FakeMedia.bytes(sound.bytes()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | input | missing_required_parameter",
        "{\"input\": []} | input | invalid_value",
        "{\"input\": 7} | input | invalid_value",
        "{\"input\": [1, 2]} | input | unsupported_parameter",
        "{\"input\": [\"a\", 1]} | input[1] | invalid_value",
        "{\"input\": [{}]} | input[0].text | invalid_value",
        "{\"input\": [{\"text\": \"a\", \"image\": \"AQID\"}]} | input[0].text | invalid_value",
        "{\"input\": {\"image\": \"%%%=x\"}} | input.image | invalid_value",
        "{\"input\": {\"image\": \"http://h/a.png\"}} | input.image | invalid_value",
        "{\"input\": \"a\", \"encoding_format\": \"hex\"} | encoding_format | invalid_value",
        "{\"input\": \"a\", \"dimensions\": 64} | dimensions | invalid_value",
      })
  void wrongInputsAreNamed(String body, String param, String code) {
    assertFieldRefused(param, code, client.post("/v1/embeddings", body));
  }

  // ---- text in images

  @Test
  void linesHaveBoxesAndConfidence() {
    HttpResponse<String> response =
        client.post("/v1/ocr", "{\"image\": \"data:image/png;base64,AQID\", \"fallback\": false}");

    JsonNode answer = Client.json(response);
    assertEquals("Page 7", answer.get("text").asText());
    JsonNode line = answer.get("lines").get(0);
    assertEquals(0.75, line.get("confidence").asDouble());
    assertEquals(0.25, line.get("box").get(1).asDouble());
    assertEquals("no_weights", answer.get("x_tantra").get("attempts").get(0).get("kind").asText());
    var call = host.media.calls.remove();
    assertFalse(call.fallback());
    TextRecognition.Image.Encoded image =
        assertInstanceOf(TextRecognition.Image.Encoded.class, call.request());
    assertArrayEquals(new byte[] {1, 2, 3}, FakeMedia.bytes(image.bytes()));
  }

  @Test
  void imageMayComeAsAForm() {
    HttpResponse<String> response =
        postForm("/v1/ocr", form(Map.of("model", "first", "fallback", "false"), RECORDING));

    assertEquals(200, response.statusCode(), response.body());
    var call = host.media.calls.remove();
    assertEquals("first", call.model());
    assertFalse(call.fallback());
  }
}
