package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.store.Validation;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.WeightGenerator;

/// Changes the active weight of a serving model again and again while clients stream from it.
final class WeightSwitchTest {
  private static final int SWITCHES = Integer.getInteger("tantra.switches", 100);
  private static final int CLIENTS = 3;
  private static final String REQUEST =
      """
      {"model": "mamba", "prompt": [1, 2, 3], "max_tokens": 4, "stream": true, "seed": 7}\
      """;

  @TempDir Path home;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong slowestMillis = new AtomicLong();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final Set<String> versions = ConcurrentHashMap.newKeySet();

  /// Puts two versions of small weights into the store; the first is active.
  private static void fill(Installation installation) {
    WeightGenerator generator = installation.host().weights().generator();
    Map<String, Object> config =
        Map.of(
            "architecture",
            "mamba",
            "d_model",
            16,
            "n_layers",
            2,
            "d_state",
            4,
            "d_conv",
            4,
            "vocab_size",
            64,
            "max_seq_len",
            64);
    for (int seed = 1; seed <= 2; seed++) {
      Path file = installation.home().resolve("made/seed" + seed + ".safetensors");
      var _ =
          generator.generate(
              new WeightGenerator.Order("mamba", config, seed, file, null, false),
              Conversion.Listener.NONE,
              Cancellation.NEVER);
      var _ =
          installation
              .host()
              .store()
              .importWeights(
                  file,
                  new WeightStore.Importing("mamba", null, "v" + seed, null, null, false),
                  Progress.NONE,
                  Cancellation.NEVER);
    }
  }

  private static String served(Installation installation) {
    return installation
        .host()
        .model("mamba")
        .map(ModelStatus::fingerprint)
        .map(String::valueOf)
        .orElse("none");
  }

  @Test
  void noRequestFailsWhileTheActiveWeightChanges() throws Exception {
    Installation.fill(home, List.of("mamba", "safetensors"));
    try (Installation installation = Installation.start(home, "pf4j")) {
      fill(installation);
      WeightStore store = installation.host().store();
      Validation valid = store.validate("mamba", null);
      assertEquals(List.of(), valid.problems());
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(Thread.ofVirtual().start(() -> stream(installation.url())));
      }
      installation.await("the first answers", () -> answered.get() >= CLIENTS);

      for (int i = 1; i <= SWITCHES; i++) {
        String before = served(installation);
        var _ = store.setActive("mamba", i % 2 == 0 ? "v1" : "v2");
        installation.await("switch " + i, () -> !served(installation).equals(before));
        if (i == 1) {
          installation.await("an answer of the second one", () -> versions.size() == 2);
        }
      }
      long atTheEnd = answered.get();
      installation.await("answers of the last one", () -> answered.get() > atTheEnd + CLIENTS);
      stop.set(true);
      for (Thread client : clients) {
        client.join(Duration.ofSeconds(60));
      }
    }
    System.out.printf(
        "%d switches, %d requests, %d failed, %d versions answered, slowest %d ms%n",
        SWITCHES, answered.get(), failures.size(), versions.size(), slowestMillis.get());
    assertEquals(List.of(), List.copyOf(failures));
    assertEquals(2, versions.size(), versions.toString());
    assertTrue(answered.get() > CLIENTS, "only " + answered + " requests");
  }

  @Test
  void changeIsFollowedWithoutAnyRequest() throws Exception {
    Installation.fill(home, List.of("mamba", "safetensors"));
    try (Installation installation = Installation.start(home, "pf4j")) {
      fill(installation);
      String before = Objects.requireNonNull(installation.host().load("mamba").fingerprint());

      var _ = installation.host().store().setActive("mamba", "v2");

      installation.await("the new weights", () -> !served(installation).equals(before));
    }
  }

  @Test
  void damagedActiveWeightLeavesTheOldOneServing() throws Exception {
    Installation.fill(home, List.of("mamba", "safetensors"));
    try (Installation installation = Installation.start(home, "pf4j")) {
      fill(installation);
      String before = Objects.requireNonNull(installation.host().load("mamba").fingerprint());
      Path file = installation.host().store().weightPath("mamba", null);
      Path beside = Files.writeString(home.resolve("damaged"), "nonsense");

      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);

      installation.await(
          "a word about it",
          () ->
              installation.host().models().stream()
                  .anyMatch(status -> status.detail().contains("what it had before")));
      stop.set(true);
      stream(installation.url());
      assertEquals(before, served(installation));
      assertEquals(List.of(), List.copyOf(failures));
    }
  }

  /// Asks until told to stop, and at least once.
  private void stream(String url) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url + "/v1/completions"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(REQUEST))
              .build();
      do {
        long began = System.nanoTime();
        HttpResponse<Stream<String>> response =
            client.send(request, HttpResponse.BodyHandlers.ofLines());
        List<String> lines = response.body().toList();
        slowestMillis.accumulateAndGet((System.nanoTime() - began) / 1_000_000, Math::max);
        boolean complete = lines.contains("data: [DONE]");
        String by = response.headers().firstValue("X-Tantra-Model-Served").orElse("nobody");
        if (response.statusCode() != 200 || !complete || !by.equals("mamba")) {
          failures.add(response.statusCode() + " by " + by + ": " + lines);
        }
        lines.stream()
            .filter(line -> line.contains("system_fingerprint"))
            .map(line -> line.replaceAll(".*\"system_fingerprint\":\"([^\"]*)\".*", "$1"))
            .forEach(versions::add);
        answered.incrementAndGet();
      } while (!stop.get());
    } catch (IOException e) {
      failures.add(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
