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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.host.PluginFigures;

/// Replaces the jar of a model plugin again and again while clients stream from its model, whose
/// tokenizer is native code that stays; in the profile `soak` a thousand times.
final class HotSwapTest {
  private static final int REPLACEMENTS = Integer.getInteger("tantra.swaps", 50);
  private static final int CLIENTS = 4;
  private static final String REQUEST =
      """
      {"model": "gpt2", "prompt": "one two three", "max_tokens": 6, "stream": true, "seed": 7}\
      """;
  private static final String TOKENIZER =
      """
      {
        "version": "1.0",
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {
          "type": "WordLevel", "unk_token": "?",
          "vocab": {"?": 0, "one": 1, "two": 2, "three": 3}
        }
      }
      """;

  @TempDir Path home;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong slowestMillis = new AtomicLong();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final Set<String> versions = ConcurrentHashMap.newKeySet();

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void noRequestFailsAndNothingIsLeft(String runtime) throws Exception {
    Installation.fill(home, List.of("gpt2", "safetensors"));
    Files.writeString(home.resolve("Model/gpt2/tokenizer.json"), TOKENIZER);
    Set<String> before = openJars();
    PluginFigures figures;
    try (Installation installation = Installation.start(home, runtime)) {
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(Thread.ofVirtual().start(() -> stream(installation.url())));
      }
      installation.await("the first answers", () -> answered.get() >= CLIENTS);

      for (int i = 1; i <= REPLACEMENTS; i++) {
        installation.drop("gpt2", "1.0." + i);
        installation.awaitVersion("gpt2", "1.0." + i);
        int least = i + 1;
        installation.await("so many answers", () -> answered.get() >= least);
      }
      stop.set(true);
      for (Thread client : clients) {
        client.join(Duration.ofSeconds(60));
      }
      installation.await(
          "the last old copy's end", () -> installation.host().pluginFigures().draining() == 0);
      figures = installation.host().pluginFiguresAfterCollection(Duration.ofSeconds(60));

      System.out.printf(
          "%s: %d replacements, %d requests, %d failed, %d versions answered, slowest %d ms, %d of"
              + " %d class loaders collected, jars left open: %s%n",
          runtime,
          REPLACEMENTS,
          answered.get(),
          failures.size(),
          versions.size(),
          slowestMillis.get(),
          figures.collected(),
          figures.retired(),
          leftOpen(before, installation));
      assertEquals(Set.of(), leftOpen(before, installation));
    }

    assertEquals(List.of(), List.copyOf(failures));
    assertTrue(answered.get() > REPLACEMENTS, "only " + answered + " requests");
    assertEquals(REPLACEMENTS, figures.retired());
    assertEquals(figures.retired(), figures.collected(), () -> "kept: " + figures.leftovers());
  }

  private void stream(String url) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url + "/v1/completions"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(REQUEST))
              .build();
      while (!stop.get()) {
        long began = System.nanoTime();
        HttpResponse<Stream<String>> response =
            client.send(request, HttpResponse.BodyHandlers.ofLines());
        List<String> lines = response.body().toList();
        long millis = (System.nanoTime() - began) / 1_000_000;
        slowestMillis.accumulateAndGet(millis, Math::max);
        boolean complete = lines.contains("data: [DONE]");
        String served = response.headers().firstValue("X-Tantra-Model-Served").orElse("nobody");
        if (response.statusCode() != 200 || !complete || !served.equals("gpt2")) {
          failures.add(response.statusCode() + " by " + served + ": " + lines);
        }
        lines.stream()
            .filter(line -> line.contains("system_fingerprint"))
            .map(line -> line.replaceAll(".*\"system_fingerprint\":\"([^\"]*)\".*", "$1"))
            .forEach(versions::add);
        answered.incrementAndGet();
      }
    } catch (IOException e) {
      failures.add(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Staged jars this process has open, where the system tells; except those of running plugins.
  private static Set<String> leftOpen(Set<String> before, Installation installation)
      throws IOException {
    Set<String> open = openJars();
    open.removeAll(before);
    open.removeIf(
        jar ->
            installation.host().plugins().stream()
                .anyMatch(
                    plugin -> jar.contains("/" + plugin.id() + "-" + plugin.version() + "-")));
    return open;
  }

  private static Set<String> openJars() throws IOException {
    Set<String> jars = new HashSet<>();
    Path handles = Path.of("/proc/self/fd");
    if (!Files.isDirectory(handles)) {
      return jars;
    }
    try (Stream<Path> links = Files.list(handles)) {
      for (Path link : links.toList()) {
        try {
          String target = Files.readSymbolicLink(link).toString();
          if (target.contains(".jar")) {
            jars.add(target);
          }
        } catch (IOException _) {
          // closed meanwhile
        }
      }
    }
    return jars;
  }
}
