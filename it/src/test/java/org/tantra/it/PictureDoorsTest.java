package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tantra.testkit.SamplePictures;

/// Every kind of picture file through every door that takes one: a result, or an error that says
/// what is wrong and what to do, within bounds of memory.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PictureDoorsTest {
  /// What refusing a file may allocate, the request's own texts included: less than the smallest of
  /// the declared pictures would need.
  private static final long REFUSAL_BYTES = 64L << 20;

  private static final Map<String, String> WHY =
      Map.of(
          "no-bytes.png", "Send the whole file",
          "0x0.png", "",
          "0x7.png", "",
          "30000x30000.png", "30000 x 30000 pixels; at most 33554432 are read. Scale it down",
          "bomb.png", "30000 x 30000 pixels; at most 33554432 are read. Scale it down",
          "65535x65535.gif", "65535 x 65535 pixels; at most 33554432 are read. Scale it down",
          "cut.png", "damaged or cut short",
          "header-only.jpg", "damaged or cut short",
          "text.png", "begins with 54 68 69 73 20 69 73 20. PNG, JPEG",
          "page.jpg", "begins with 3c 68 74 6d 6c 3e 3c 62. PNG, JPEG");

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private Door door;
  private Path home;

  enum Route {
    CHAT(
        "/v1/chat/completions",
        """
        {"model": "mamba_multimodal", "fallback": false, "max_tokens": 1, "messages": [{"role": "user",
         "content": [{"type": "text", "text": "What is it?"},
                     {"type": "image_url", "image_url": {"url": "data:image/png;base64,%s"}}]}]}
        """),
    EMBEDDINGS("/v1/embeddings", "{\"model\": \"vision-lite\", \"input\": {\"image\": \"%s\"}}"),
    OCR("/v1/ocr", "{\"model\": \"ocr_native\", \"fallback\": false, \"image\": \"%s\"}");

    final String path;
    final String body;

    Route(String path, String body) {
      this.path = path;
      this.body = body;
    }
  }

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    home = folder;
    Installation.fill(home, List.of("lite", "mamba", "safetensors"));
    for (String model : List.of("ocr_native", "mamba_multimodal")) {
      Files.writeString(
          home.resolve("Config").resolve(model + ".yaml"), "needs: {generate: true}\n");
    }
    door = Door.open(home);
  }

  @AfterAll
  void stop() {
    door.close();
  }

  private HttpResponse<String> ask(Route route, byte[] file) throws Exception {
    return door.postJson(
        route.path, route.body.formatted(Base64.getEncoder().encodeToString(file)));
  }

  @ParameterizedTest
  @EnumSource
  void everyKindOfPictureHasAResult(Route route) throws Exception {
    for (Map.Entry<String, byte[]> file : SamplePictures.readable().entrySet()) {
      HttpResponse<String> response = ask(route, file.getValue());

      assertEquals(200, response.statusCode(), () -> file.getKey() + ": " + response.body());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNoPictureIsRefusedWithAReasonAndLittleMemory(Route route) throws Exception {
    ask(route, SamplePictures.file("1x1.png")); // loads the model
    assertEquals(WHY.keySet(), SamplePictures.unreadable().keySet());
    for (Map.Entry<String, byte[]> file : SamplePictures.unreadable().entrySet()) {
      long before = threads.getTotalThreadAllocatedBytes();
      HttpResponse<String> response = ask(route, file.getValue());
      long allocated = threads.getTotalThreadAllocatedBytes() - before;

      String what = file.getKey() + ": " + response.body();
      assertTrue(response.statusCode() == 400 || response.statusCode() == 415, what);
      JsonNode error = new JsonMapper().readTree(response.body()).path("error");
      assertTrue(error.path("message").asText().contains(WHY.get(file.getKey())), what);
      assertTrue(error.path("param").asText().matches("image|input\\.image|messages.*"), what);
      assertTrue(allocated < REFUSAL_BYTES, () -> what + " allocated " + allocated);
    }
  }

  /// Runs the launcher with a heap in which no declared picture would fit.
  private Launcher.Ended tantra(List<String> arguments) throws Exception {
    return new Launcher(home, "-Xmx128m").run(arguments.toArray(String[]::new));
  }

  private Path written(String name, byte[] bytes) throws Exception {
    return Files.write(home.resolve(name), bytes);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "starts the launcher for Unix shells")
  void commandsReadEveryKind() throws Exception {
    List<String> ocr = new ArrayList<>(List.of("--json", "ocr", "-m", "ocr_native"));
    List<String> embed = new ArrayList<>(List.of("--json", "embed"));
    for (Map.Entry<String, byte[]> file : SamplePictures.readable().entrySet()) {
      String path = written(file.getKey(), file.getValue()).toString();
      ocr.add(path);
      embed.addAll(List.of("--image", path));
    }
    int files = SamplePictures.readable().size();

    Launcher.Ended read = tantra(ocr);
    assertEquals(0, read.code(), read.err());
    assertEquals(files, new JsonMapper().readTree(read.out()).path("files").size());

    Launcher.Ended embedded = tantra(embed);
    assertEquals(0, embedded.code(), embedded.err());
    assertEquals(files, new JsonMapper().readTree(embedded.out()).path("items").size());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "starts the launcher for Unix shells")
  void commandsNameTheFileAtFault() throws Exception {
    Path good = written("good.png", SamplePictures.file("rgb.png"));
    Path bomb = written("bomb.png", SamplePictures.file("bomb.png"));
    Path cut = written("cut.png", SamplePictures.file("cut.png"));

    Launcher.Ended read =
        tantra(List.of("ocr", "-m", "ocr_native", good.toString(), bomb.toString()));
    assertEquals(2, read.code(), read.err());
    assertTrue(read.err().contains(bomb + "': The picture is 30000 x 30000 pixels"), read.err());

    Launcher.Ended embedded =
        tantra(List.of("embed", "--image", good.toString(), "--image", cut.toString()));
    assertEquals(2, embedded.code(), embedded.err());
    assertTrue(embedded.err().contains(cut + "': The picture cannot be read"), embedded.err());
  }
}
