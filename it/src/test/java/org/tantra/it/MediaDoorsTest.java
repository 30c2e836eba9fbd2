package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.openai.models.audio.speech.SpeechCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Real stand-ins behind the HTTP door: OpenAI's client speaks and embeds, and odd files do no
/// harm.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MediaDoorsTest {
  private Door door;

  @BeforeAll
  void start(@TempDir Path home) throws IOException {
    Installation.fill(home, List.of("coqui-tts", "freetts", "longvita", "lite"));
    door = Door.open(home);
  }

  @AfterAll
  void stop() {
    door.close();
  }

  @Test
  void openAiClientSpeaks() throws IOException {
    try (var answer =
        door.openAi()
            .audio()
            .speech()
            .create(
                SpeechCreateParams.builder()
                    .model("coqui_tts")
                    .voice("alloy")
                    .input("Hello from Tantra. It speaks.")
                    .responseFormat(SpeechCreateParams.ResponseFormat.WAV)
                    .build())) {
      assertEquals(List.of("freetts"), answer.headers().values("X-Tantra-Model-Served"));
      byte[] wav = answer.body().readAllBytes();
      double seconds = (wav.length - 44) / 32_000.0;
      assertTrue(seconds > 1.5 && seconds < 5, () -> seconds + " s");
    }
  }

  @Test
  void openAiClientEmbeds() {
    var answer =
        door.openAi()
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("embed-lite")
                    .inputOfArrayOfStrings(List.of("one text", "another", "one text"))
                    .build());

    answer.validate();
    assertEquals(768, answer.data().getFirst().embedding().size());
    assertEquals(answer.data().getFirst().embedding(), answer.data().get(2).embedding());
  }

  private HttpResponse<String> embed(String kind, byte[] file) throws Exception {
    String body =
        "{\"input\": {\"%s\": \"%s\"}}".formatted(kind, Base64.getEncoder().encodeToString(file));
    return door.postJson("/v1/embeddings", body);
  }

  /// Each file is either encoded, or refused as the caller's mistake by a message that has a word.
  private void assertEach(String kind, Map<String, byte[]> files, Map<String, String> refused)
      throws Exception {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      HttpResponse<String> response = embed(kind, file.getValue());
      JsonNode answer = new JsonMapper().readTree(response.body());
      String what = file.getKey() + ": " + response.body();
      String word = refused.get(file.getKey());
      if (word == null) {
        assertEquals(200, response.statusCode(), what);
        assertEquals(768, answer.path("data").path(0).path("embedding").size(), what);
      } else {
        assertTrue(response.statusCode() == 400 || response.statusCode() == 415, what);
        assertTrue(answer.path("error").path("message").asText().contains(word), what);
      }
    }
  }

  @Test
  void oddPicturesAreReadOrRefused() throws Exception {
    byte[] whole = image(BufferedImage.TYPE_INT_RGB, "png");
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("empty", new byte[0]);
    files.put("no picture", "GIF, or so it says".getBytes(StandardCharsets.UTF_8));
    files.put("0 x 0", png(0, 0, 8, new byte[0]));
    files.put("1 x 1", png(1, 1, 8, new byte[] {0, 1, 2, 3}));
    files.put("30000 x 30000 declared", png(30_000, 30_000, 8, new byte[10]));
    files.put("bomb", png(10_000, 1_000, 8, new byte[30_001_000]));
    files.put("cut short", Arrays.copyOf(whole, whole.length / 2));
    files.put("16 bits", png(2, 1, 16, new byte[13]));
    files.put("gray", image(BufferedImage.TYPE_BYTE_GRAY, "png"));
    files.put("palette", image(BufferedImage.TYPE_BYTE_INDEXED, "gif"));
    files.put("jpeg", image(BufferedImage.TYPE_INT_RGB, "jpg"));
    files.put("zeros", new byte[1000]);

    assertEach(
        "image",
        files,
        Map.of(
            "empty", "empty",
            "no picture", "no picture",
            "0 x 0", "picture",
            "30000 x 30000 declared", "at most",
            "cut short", "cut short",
            "zeros", "no picture"));
  }

  @Test
  void oddRecordingsAreReadOrRefused() throws Exception {
    byte[] second = WavFile.of(1, 1, 16, 16_000, new byte[32_000]);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("empty", new byte[0]);
    files.put("no sound", "This is a text.".getBytes(StandardCharsets.UTF_8));
    files.put("no samples", WavFile.of(1, 1, 16, 16_000, new byte[0]));
    files.put("1 sample", WavFile.of(1, 1, 16, 16_000, new byte[] {1, 2}));
    files.put("silence", second);
    files.put("8 bits", WavFile.of(1, 1, 8, 8_000, new byte[8_000]));
    files.put("24 bits", WavFile.of(1, 2, 24, 44_100, new byte[6 * 4_410]));
    files.put("float", WavFile.of(3, 1, 32, 22_050, new byte[4 * 2_205]));
    files.put("5.1", WavFile.of(1, 6, 16, 48_000, new byte[12 * 4_800]));
    files.put("cut in its samples", Arrays.copyOf(second, second.length / 2));
    files.put("cut in its header", Arrays.copyOf(second, 30));
    files.put("million channels", WavFile.of(1, 60_000, 16, 16_000, new byte[100]));
    files.put("picture", png(1, 1, 8, new byte[] {0, 1, 2, 3}));

    assertEach(
        "audio",
        files,
        Map.of(
            "empty", "empty",
            "no sound", "none of WAV",
            "no samples", "no samples",
            "cut in its header", "fmt",
            "million channels", "channels",
            "picture", "none of WAV"));
  }

  private static byte[] image(int type, String format) throws IOException {
    BufferedImage image = new BufferedImage(64, 48, type);
    for (int i = 0; i < 64 * 48; i++) {
      image.setRGB(i % 64, i / 64, 0x30507 * i);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, bytes));
    return bytes.toByteArray();
  }

  /// A PNG of RGB pixels whose header says what it likes.
  ///
  /// @param rows each with its filter byte
  private static byte[] png(int width, int height, int bits, byte[] rows) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    chunk(
        file,
        "IHDR",
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) bits)
            .put(new byte[] {2, 0, 0, 0})
            .array());
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
      deflater.write(rows);
    }
    chunk(file, "IDAT", packed.toByteArray());
    chunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] data) {
    byte[] named = new byte[4 + data.length];
    System.arraycopy(type.getBytes(StandardCharsets.US_ASCII), 0, named, 0, 4);
    System.arraycopy(data, 0, named, 4, data.length);
    CRC32 sum = new CRC32();
    sum.update(named);
    file.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    file.writeBytes(named);
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }
}
