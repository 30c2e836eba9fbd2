package org.tantra.plugin.longvita;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.tantra.api.Encoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.WeightPlan;
import org.tantra.testkit.EncoderContract;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.SamplePictures;
import org.tantra.testkit.TestLoadContext;

/// Both encoders against the contract of all encoders.
final class VisionContractTest {
  private static MemorySegment file(String name) {
    return MemorySegment.ofArray(SamplePictures.file(name));
  }

  /// Two pictures, a video, and for a tower the frames of one.
  private static List<Media> files() {
    return List.of(
        new Media.Encoded(Modality.IMAGE, file("rgb.png")),
        new Media.Encoded(Modality.IMAGE, file("palette.png")),
        new Media.Encoded(Modality.VIDEO, file("animated.gif")));
  }

  @Nested
  final class Tower extends EncoderContract {
    @Override
    protected Encoder encoder() {
      return new LongVitaEncoder();
    }

    @Override
    protected TestLoadContext context() {
      WeightPlan plan = encoder().weightPlan(TrainerTest.CONFIG).orElseThrow();
      return TestLoadContext.empty()
          .withCheckpoint(PlannedCheckpoint.of(plan, TrainerTest.CONFIG.asMap()));
    }

    @Override
    protected List<Media> items() {
      List<Media> items = new ArrayList<>(files());
      items.add(new Media.Frames(List.of(file("rgb.jpg"), file("grey.png"))));
      return items;
    }
  }

  /// Behind a server that makes up a vector from what it was sent.
  @Nested
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  final class Remote extends EncoderContract {
    @SuppressWarnings("NullAway.Init") // set before all tests
    private HttpServer server;

    @BeforeAll
    void serve() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/v1/embeddings",
          exchange -> {
            byte[] sent = exchange.getRequestBody().readAllBytes();
            double[] made = new Random(Arrays.hashCode(sent)).doubles(1024).toArray();
            byte[] answer =
                ("{\"data\": [{\"embedding\": " + Arrays.toString(made) + "}]}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
          });
      server.start();
    }

    @AfterAll
    void stop() {
      server.stop(0);
    }

    @Override
    protected Encoder encoder() {
      return new RemoteEncoder();
    }

    @Override
    protected TestLoadContext context() {
      String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
      return TestLoadContext.empty()
          .withSettings(Map.of("model", Map.of("base_url", address, "retries", 0)));
    }

    @Override
    protected List<Media> items() {
      return files();
    }
  }
}
