package org.tantra.host.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Generation;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.Prompt;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
import org.tantra.host.concurrent.PluginCall;
import org.tantra.host.concurrent.Worker;

/// Replaces a plugin many times while clients stream from it. Prints its figures.
final class HotUpdateTest {
  private static final int REPLACEMENTS = 200;
  private static final int CLIENTS = 4;
  private static final int TOKENS = 16;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void noRequestFailsAndEveryClassLoaderIsCollected(String runtime) throws Exception {
    Clients clients;
    int handles;
    LoaderWatch.Figures figures;
    Path jar = folder.resolve("streaming.jar");
    try (TestKernel kernel = new TestKernel(runtime, folder)) {
      deploy(kernel, jar, 0);
      clients = new Clients(kernel);
      clients.start();
      clients.awaitAnswerOf("1.0.0");
      for (int version = 1; version <= REPLACEMENTS; version++) {
        deploy(kernel, jar, version);
        clients.awaitAnswerOf("1.0." + version);
      }
      clients.stop();
      assertTrue(kernel.plugins.awaitUnloaded(Duration.ofSeconds(30)));
      assertEquals(List.of(), kernel.plugins.loaders().collect(Duration.ofSeconds(60)));
      figures = kernel.plugins.loaders().figures();
      handles = OpenFiles.below(kernel.staging).size() - 1; // the copy that runs
    }
    System.out.printf(
        Locale.ROOT,
        "hot update, %s: %d replacements, %d requests, %d failed, %d versions seen,"
            + " %d/%d class loaders collected, %d file handles left, slowest request %d ms%n",
        runtime,
        REPLACEMENTS,
        clients.requests.get(),
        clients.failures.size(),
        clients.versions.size(),
        figures.collected(),
        figures.retired(),
        Math.max(handles, 0),
        clients.slowestNanos.get() / 1_000_000);

    assertEquals(Set.of(), clients.failures);
    assertEquals(REPLACEMENTS, figures.retired());
    assertEquals(figures.retired(), figures.collected());
    assertTrue(handles <= 0, () -> handles + " handles left");
    assertEquals(REPLACEMENTS + 1, clients.versions.size());
  }

  private static void deploy(TestKernel kernel, Path jar, int version) {
    kernel
        .deploy(PluginJar.model("streaming", "1.0." + version, "stream").writeTo(jar))
        .refused()
        .ifPresent(
            refused -> {
              throw new AssertionError(refused.message());
            });
  }

  /// Threads that each make one request after the other.
  private static final class Clients {
    private final TestKernel kernel;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final Set<String> failures = ConcurrentHashMap.newKeySet();
    private final Set<String> versions = new HashSet<>(); // guarded by itself

    Clients(TestKernel kernel) {
      this.kernel = kernel;
    }

    void start() {
      for (int i = 0; i < CLIENTS; i++) {
        threads.add(Thread.ofVirtual().name("client-" + i).start(this::work));
      }
    }

    /// So that every version serves for a moment, however busy the machine is.
    void awaitAnswerOf(String version) throws InterruptedException {
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      synchronized (versions) {
        while (!versions.contains(version) && System.nanoTime() < deadline) {
          versions.wait(1_000);
        }
      }
    }

    void stop() throws InterruptedException {
      stopped.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }

    private void work() {
      while (!stopped.get()) {
        long begin = System.nanoTime();
        try {
          String answer = stream();
          String version = answer.substring(0, answer.indexOf(';'));
          if (!answer.equals((version + ";").repeat(TOKENS))) {
            failures.add("mixed answer " + answer);
          }
          synchronized (versions) {
            if (versions.add(version)) {
              versions.notifyAll();
            }
          }
        } catch (Throwable e) { // whatever it is, it is a failed request
          failures.add(e.toString());
        }
        requests.incrementAndGet();
        slowestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
      }
    }

    /// As a request is served: one lease, one worker, token by token.
    private String stream() {
      try (Lease<Model> lease =
          kernel.registry.lease(Model.class, "stream", "a client").orElseThrow()) {
        PluginCall call =
            new PluginCall(
                lease.plugin().toString(),
                lease.contextClassLoader(),
                "streaming",
                Duration.ofSeconds(30));
        try (Worker worker = kernel.threads.worker(call)) {
          LoadedModel loaded = worker.call(() -> lease.get().load(TestKernel.NO_CONTEXT));
          TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();
          Generation generation =
              worker.call(() -> text.generate(TextRequest.of(new Prompt.Text(""), TOKENS)));
          StringBuilder answer = new StringBuilder();
          for (Optional<Generation.Piece> piece = worker.call(generation::next);
              piece.isPresent();
              piece = worker.call(generation::next)) {
            answer.append(piece.get().text());
          }
          worker.call(
              () -> {
                generation.close();
                loaded.close();
                return true;
              });
          return answer.toString();
        }
      }
    }
  }
}
