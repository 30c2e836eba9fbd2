package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.Result;
import org.tantra.host.resolve.SpeechAnswer;
import org.tantra.host.resolve.UnservedException;

/// Speech, pictures and their text are answered as texts are: by chains of stand-ins.
final class MediaStandInTest {
  private static final SpeechSynthesis.Request HELLO =
      SpeechSynthesis.Request.of("Hello from Tantra.");

  @TempDir Path home;

  private static byte[] picture(int seed) throws IOException {
    BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 64; x++) {
        image.setRGB(x, y, 0x010305 * ((x * seed + y * y) % 50));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static List<Media> pictures(int... seeds) throws IOException {
    Media[] items = new Media[seeds.length];
    for (int i = 0; i < seeds.length; i++) {
      items[i] = new Media.Encoded(Modality.IMAGE, MemorySegment.ofArray(picture(seeds[i])));
    }
    return List.of(items);
  }

  private static double length(TensorView vector) {
    double squares = 0;
    for (float value : vector.toFloats()) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void voiceWithoutWeightsIsReplacedByTheOneThatNeedsNone(String runtime) throws IOException {
    Installation.fill(home, List.of("coqui-tts", "freetts"));
    try (Installation installation = Installation.start(home, runtime)) {
      for (String named : new String[] {"coqui_tts", null}) {
        try (SpeechAnswer answer = installation.host().speak(Call.of(named, HELLO))) {
          assertEquals("coqui_tts", answer.served().requested());
          assertEquals("freetts", answer.served().model());
          assertEquals(Attempt.Kind.NO_WEIGHTS, answer.served().attempts().getFirst().kind());
          assertEquals(16_000, answer.sampleRateHz());
          assertTrue(answer.next().orElseThrow().samples().toFloats().length > 8_000);
        }
      }

      UnservedException refused =
          assertThrows(
              UnservedException.class,
              () ->
                  installation
                      .host()
                      .speak(new Call<>("coqui_tts", HELLO, false, Cancellation.NEVER)));
      assertEquals(ErrorKind.NOT_FOUND, refused.kind());
    }
  }

  @Test
  void configurationSaysWhoAnswersWhenNobodyIsNamed() throws IOException {
    Installation.fill(home, List.of("coqui-tts", "freetts"));
    Path config = home.resolve("Config/host.yaml");
    Files.writeString(
        config,
        Files.readString(config).replace("models: {", "models: {preferred: {speech: freetts}, "));
    try (Installation installation = Installation.start(home, "pf4j");
        SpeechAnswer answer = installation.host().speak(Call.of(null, HELLO))) {
      assertEquals("freetts", answer.served().requested());
      assertEquals(List.of(), answer.served().attempts());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void pictureIsEncodedByTheStandIn(String runtime) throws IOException {
    Installation.fill(home, List.of("longvita", "lite"));
    try (Installation installation = Installation.start(home, runtime)) {
      List<Media> items = pictures(3, 5, 3);
      Result<List<TensorView>> result = installation.host().embed(Call.of(null, items));

      assertEquals("longvita", result.served().requested());
      assertEquals("vision-lite", result.served().model());
      assertEquals(
          List.of(Attempt.Kind.NO_WEIGHTS, Attempt.Kind.LOAD_FAILED),
          result.served().attempts().stream().map(Attempt::kind).toList());
      for (TensorView vector : result.value()) {
        assertEquals(768, vector.shape().elements());
        assertEquals(1, length(vector), 1e-3);
      }
      assertArrayEquals(
          result.value().get(0).toFloats(), result.value().get(2).toFloats(), "equal bits");

      // A replaced plugin's encoder answers as the one before it did.
      installation.drop("lite", "9.9.9");
      installation.awaitVersion("lite", "9.9.9");
      Result<List<TensorView>> again = installation.host().embed(Call.of(null, items));
      assertEquals("9.9.9", again.served().plugin().version());
      assertArrayEquals(result.value().getFirst().toFloats(), again.value().getFirst().toFloats());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "500, status 500",
    "garbage, holds no embedding",
    "silence, no answer within 1 s",
    "down, ConnectException"
  })
  void remoteThatFailsIsReplacedAndTheAnswerSaysWhy(String failure, String reason)
      throws IOException {
    CountDownLatch over = new CountDownLatch(1);
    HttpServer remote =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    remote.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    remote.createContext("/v1/embeddings", exchange -> fail(exchange, failure, over));
    remote.start();
    String address = "http://127.0.0.1:" + remote.getAddress().getPort() + "/v1";
    if (failure.equals("down")) {
      remote.stop(0);
    }
    Installation.fill(home, List.of("longvita", "lite"));
    Files.writeString(
        home.resolve("Config/longvita-remote.yaml"),
        "model: {base_url: '%s', timeout_seconds: %d, retries: 0}\n"
            .formatted(address, failure.equals("silence") ? 1 : 60));
    try (Installation installation = Installation.start(home, "pf4j")) {
      Result<List<TensorView>> result =
          installation.host().embed(Call.of("longvita-remote", pictures(3)));

      assertEquals("vision-lite", result.served().model());
      assertEquals(1, length(result.value().getFirst()), 1e-3);
      Attempt attempt = result.served().attempts().getFirst();
      assertEquals("longvita-remote", attempt.model());
      assertEquals(Attempt.Kind.ANSWER_FAILED, attempt.kind());
      assertTrue(attempt.reason().contains(reason), attempt.reason());
    } finally {
      over.countDown();
      remote.stop(0);
    }
  }

  private static void fail(HttpExchange exchange, String failure, CountDownLatch over)
      throws IOException {
    exchange.getRequestBody().readAllBytes();
    byte[] body = "<html>".getBytes(StandardCharsets.UTF_8);
    if (failure.equals("silence")) {
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    exchange.sendResponseHeaders(failure.equals("500") ? 500 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Test
  void mistakeThatAStandInFindsIsTheCallersOwn() throws IOException {
    Installation.fill(home, List.of("longvita", "lite"));
    try (Installation installation = Installation.start(home, "pf4j")) {
      Media text =
          new Media.Encoded(
              Modality.IMAGE, MemorySegment.ofArray("no picture".getBytes(StandardCharsets.UTF_8)));

      UnservedException refused =
          assertThrows(
              UnservedException.class,
              () -> installation.host().embed(Call.of(null, List.of(text))));

      assertEquals(ErrorKind.INVALID, refused.kind());
      assertTrue(refused.getMessage().startsWith("This is no picture"), refused.getMessage());
      assertEquals(3, refused.attempts().size());
    }
  }

  @Test
  void nobodyWhoIsAbleIsSaidSo() throws IOException {
    Installation.fill(home, List.of("lite"));
    try (Installation installation = Installation.start(home, "pf4j")) {
      TextRecognition.Image image =
          new TextRecognition.Image.Encoded(MemorySegment.ofArray(picture(3)));
      TantraException nobody =
          assertThrows(
              TantraException.class, () -> installation.host().recognize(Call.of(null, image)));
      assertEquals("model_not_found", nobody.code());

      UnservedException wrong =
          assertThrows(
              UnservedException.class,
              () -> installation.host().recognize(Call.of("text-lite", image)));
      assertEquals(ErrorKind.UNSUPPORTED, wrong.kind());
      assertEquals(
          "Model 'text-lite' does not read text in images; it is for text.", wrong.getMessage());
    }
  }
}
