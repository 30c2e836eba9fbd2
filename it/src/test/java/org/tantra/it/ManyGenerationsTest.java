package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Progress;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.host.Host;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.TextAnswer;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.WeightGenerator;

/// Generation after generation, several at a time, with every kind of ending: what the process
/// holds does not grow. A few hundred of each model by default, ten thousand with `-Psoak`.
final class ManyGenerationsTest {
  private static final int GENERATIONS = Integer.getInteger("tantra.generations", 200);
  private static final int AT_ONCE = 4;
  private static final long MIB = 1 << 20;

  private static final int ROUNDS = 10;

  /// Less than what 200 KV caches of the smallest network take.
  private static final long SLACK = 4 * MIB;

  @TempDir Path home;

  /// What the process holds after a garbage collection.
  ///
  /// @param nativeBytes taken from the C library, as KV caches are
  private record Held(long heapBytes, long nativeBytes, int threads, long classes, long files) {
    static Held now() throws IOException {
      awaitWorkers();
      // Twice: what the first one's cleaners let go is only then garbage.
      System.gc();
      System.gc();
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        return new Held(
            ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
            NativeMemory.usedBytes(),
            ManagementFactory.getThreadMXBean().getThreadCount(),
            ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
            open.count());
      }
    }

    /// The host's threads of requests that are over end when they get a core.
    private static void awaitWorkers() {
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (Thread.getAllStackTraces().keySet().stream()
              .anyMatch(thread -> thread.getName().startsWith("plugin "))
          && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
    }

    Held minus(Held before) {
      return new Held(
          heapBytes - before.heapBytes,
          nativeBytes - before.nativeBytes,
          threads - before.threads,
          classes - before.classes,
          files - before.files);
    }

    List<String> beyondSlack() {
      List<String> beyond = new ArrayList<>();
      if (heapBytes > SLACK) {
        beyond.add("heap");
      }
      if (nativeBytes > SLACK) {
        beyond.add("native memory");
      }
      if (threads > AT_ONCE) {
        beyond.add("threads");
      }
      if (files > AT_ONCE) {
        beyond.add("open files");
      }
      return beyond;
    }
  }

  @Test
  void whatTheProcessHoldsDoesNotGrow() throws Exception {
    assumeTrue(NativeMemory.known(), "this system does not tell");
    Installation.fill(home, List.of("gpt2", "spikingbrain", "mamba", "lite", "safetensors"));
    try (Installation installation = Installation.start(home, "pf4j")) {
      Map<String, Map<String, Object>> sizes =
          Map.of(
              "spikingbrain",
              Map.of("vocab_size", 199, "n_positions", 64, "n_embd", 32, "n_layer", 2, "n_head", 4),
              "mamba",
              Map.of("vocab_size", 199, "d_model", 16, "n_layers", 2, "max_seq_len", 64));
      for (Map.Entry<String, Map<String, Object>> size : sizes.entrySet()) {
        generate(installation.host(), size.getKey(), size.getValue());
      }
      for (String model : List.of("gpt2", "spikingbrain", "mamba", "text-lite")) {
        run(installation.host(), model, GENERATIONS);
        assertFlat(installation.host(), model);
      }
    }
  }

  /// What leaks grows in every round; what the JVM does for itself, compiling above all, does not.
  private static void assertFlat(Host host, String model) throws Exception {
    List<String> grown = List.of();
    for (int round = 0; round < ROUNDS; round++) {
      Held before = Held.now();
      run(host, model, GENERATIONS);
      Held growth = Held.now().minus(before);
      System.out.printf(
          Locale.ROOT,
          "%s, %d generations: live heap %+.2f MiB, native %+.2f MiB, threads %+d, classes %+d,"
              + " open files %+d%n",
          model,
          GENERATIONS,
          growth.heapBytes() / (double) MIB,
          growth.nativeBytes() / (double) MIB,
          growth.threads(),
          growth.classes(),
          growth.files());
      grown = growth.beyondSlack();
      if (grown.isEmpty()) {
        return;
      }
    }
    fail(model + " grows in each of " + ROUNDS + " rounds: " + grown);
  }

  /// Puts small weights into the store.
  private void generate(Host host, String model, Map<String, Object> config) {
    Path made = home.resolve("made/" + model + ".safetensors");
    var _ =
        host.weights()
            .generator()
            .generate(
                new WeightGenerator.Order(model, config, 7, made, null, false),
                Conversion.Listener.NONE,
                Cancellation.NEVER);
    var _ =
        host.store()
            .importWeights(
                made,
                new WeightStore.Importing(model, null, "v1", null, null, false),
                Progress.NONE,
                Cancellation.NEVER);
  }

  /// Runs so many, a few at a time.
  private static void run(Host host, String model, int count) throws Exception {
    AtomicInteger next = new AtomicInteger();
    AtomicLong tokens = new AtomicLong();
    List<FutureTask<Boolean>> clients =
        Stream.generate(
                () ->
                    new FutureTask<>(
                        () -> {
                          for (int i = next.getAndIncrement();
                              i < count;
                              i = next.getAndIncrement()) {
                            tokens.addAndGet(one(host, model, i));
                          }
                          return true;
                        }))
            .limit(AT_ONCE)
            .toList();
    clients.forEach(client -> Thread.ofVirtual().start(client));
    for (FutureTask<Boolean> client : clients) {
      client.get();
    }
    assertTrue(tokens.get() >= count, model + " made " + tokens + " tokens in " + count);
  }

  /// One generation: read to its end, left halfway, cancelled, or refused.
  private static int one(Host host, String model, int i) {
    Prompt prompt = new Prompt.Tokens(List.of(1 + i % 190, 2, 3 + i % 7));
    TextRequest request =
        TextRequest.of(prompt, i % 10 == 9 ? 100_000 : 1 + i % 12)
            .with(Sampling.DEFAULT.withSeed(i));
    int tokens = 0;
    try (TextAnswer answer = host.generate(new Call<>(model, request, false, Cancellation.NEVER))) {
      for (Optional<Generation.Piece> piece = answer.next();
          piece.isPresent();
          piece = answer.next()) {
        tokens += piece.get().tokens().size();
        if (i % 10 == 7) {
          return tokens;
        }
        if (i % 10 == 8) {
          answer.cancel();
        }
      }
      assertTrue(answer.finishReason() != FinishReason.CANCELLED || i % 10 == 8);
    } catch (TantraException e) {
      assertEquals("context_length_exceeded", e.code(), e.getMessage());
    }
    return tokens;
  }
}
