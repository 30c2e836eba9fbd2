package org.tantra.bench;

import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tantra.api.Cancellation;
import org.tantra.api.Settings;
import org.tantra.host.concurrent.ComputePool;
import org.tantra.nn.Linears;
import org.tantra.nn.WeightForm;
import org.tantra.nn.gpt.GptConfig;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.gpt.GptWeights;
import org.tantra.nn.gpt.Projector;
import org.tantra.nn.text.Session;

/// GPT-2 124 M with random weights and a head of its own: time of a decode step behind a short
/// prompt, of a prefill of 512 tokens, of the first token, of rounding the weights, how far the
/// logits are from those of F32, and what several rows make together.
final class GptSpeed {
  private static final int PROMPT = 8;
  private static final int WARM_UP = 60;
  private static final int STEPS = 128;
  private static final int PREFILL = 512;

  private final GptConfig config;
  private final GptWeights weights;

  private GptSpeed(Arena arena) {
    Settings json =
        Settings.of("config.json", Map.of("model_type", "gpt2", "tie_word_embeddings", false));
    config = GptConfig.of(json, List.of("gpt2"), false);
    weights =
        GptWeights.read(new RandomWeights(GptWeights.plan(config, "", true), arena), config, arena);
  }

  /// @param forms which to measure
  /// @param prefill whether to measure long prompts as well
  static void run(PrintStream to, List<WeightForm> forms, boolean prefill) {
    to.println(
        "weights    threads  load ms  first ms  ms/token (10 % .. 90 %)  on a CPU  tokens/s"
            + (prefill ? "  prefill 512: ms  on a CPU" : "")
            + "  logits off by");
    try (Arena arena = Arena.ofShared()) {
      GptSpeed speed = new GptSpeed(arena);
      float[] exact = null;
      for (WeightForm form : forms) {
        for (int threads = 1; threads <= Runtime.getRuntime().availableProcessors(); threads++) {
          try (Arena copies = Arena.ofShared();
              ComputePool pool = new ComputePool(threads, GptSpeed.class.getClassLoader())) {
            long began = System.nanoTime();
            GptNetwork network = speed.network(form, copies, pool);
            double load = millisSince(began);
            float[] logits = speed.measure(to, form, network, threads, load, prefill);
            exact = exact == null ? logits : exact;
            to.printf("  %.4f%n", distance(exact, logits));
          }
        }
      }
    }
  }

  /// Prints how many tokens a second rows make that are decoded at the same time, each by a thread
  /// of its own, against one row alone.
  static void together(PrintStream to, WeightForm form) {
    to.println("weights    threads  rows  ms a step  tokens/s  of one row's");
    int threads = Runtime.getRuntime().availableProcessors();
    try (Arena arena = Arena.ofShared();
        ComputePool pool = new ComputePool(threads, GptSpeed.class.getClassLoader())) {
      GptNetwork network = new GptSpeed(arena).network(form, arena, pool);
      decodeTogether(network, 16); // so that every kernel is compiled
      double alone = 0;
      for (int rows : new int[] {1, 2, 4, 8, 16}) {
        double millis = decodeTogether(network, rows);
        double perSecond = 1000 * rows / millis;
        alone = rows == 1 ? perSecond : alone;
        to.printf(
            "%-10s %7d %5d %10.2f %9.0f %13.2f%n",
            name(form), threads, rows, millis, perSecond, perSecond / alone);
      }
    }
  }

  /// Milliseconds from one token of a row to its next, on average.
  private static double decodeTogether(GptNetwork network, int rows) {
    List<Session> sessions = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      Session session = network.begin();
      session.append(prompt(PROMPT), Cancellation.NEVER);
      sessions.add(session);
    }
    List<Thread> threads = new ArrayList<>();
    long began = System.nanoTime();
    for (Session session : sessions) {
      threads.add(Thread.ofPlatform().start(() -> decode(session)));
    }
    for (Thread thread : threads) {
      joined(thread);
    }
    return millisSince(began) / STEPS;
  }

  private static void decode(Session session) {
    try (session) {
      for (int step = 0; step < STEPS; step++) {
        session.append(new int[] {step * 31 % 50000}, Cancellation.NEVER);
      }
    }
  }

  private static void joined(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String name(WeightForm form) {
    return form == WeightForm.AS_STORED ? "F32" : form.name();
  }

  private GptNetwork network(WeightForm form, Arena copies, ComputePool pool) {
    return new GptNetwork(config, weights, () -> Projector.PLAIN, new Linears(form, copies, pool));
  }

  private float[] measure(
      PrintStream to,
      WeightForm form,
      GptNetwork network,
      int threads,
      double load,
      boolean prefill) {
    float[] logits;
    double first;
    List<Double> steps = new ArrayList<>();
    List<Double> busy = new ArrayList<>();
    try (Session session = network.begin()) {
      int[] prompt = prompt(PROMPT);
      long began = System.nanoTime();
      logits = session.append(prompt, Cancellation.NEVER).clone();
      first = millisSince(began);
      for (int step = -WARM_UP; step < STEPS; step++) {
        long busyBefore = Clock.nanos(1);
        began = System.nanoTime();
        session.append(new int[] {(step + WARM_UP) * 31 % 50000}, Cancellation.NEVER);
        if (step >= 0) {
          steps.add(millisSince(began));
          busy.add((Clock.nanos(1) - busyBefore) / 1e6);
        }
      }
    }
    double median = Measured.median(steps);
    to.printf(
        "%-10s %7d %8.0f %9.0f %9.2f (%.2f .. %.2f) %9.2f %12.1f",
        name(form),
        threads,
        load,
        first,
        median,
        Measured.quantile(steps, 0.1),
        Measured.quantile(steps, 0.9),
        Measured.median(busy),
        1000 / median);
    if (prefill) {
      prefill(to, network);
    }
    return logits;
  }

  /// Medians of a few long prompts: the time of day, and that of the calling thread on a processor.
  private static void prefill(PrintStream to, GptNetwork network) {
    List<Double> times = new ArrayList<>();
    List<Double> busy = new ArrayList<>();
    for (int round = -2; round < 5; round++) {
      try (Session session = network.begin()) {
        long busyBefore = Clock.nanos(1);
        long began = System.nanoTime();
        session.append(prompt(PREFILL), Cancellation.NEVER);
        if (round >= 0) {
          times.add(millisSince(began));
          busy.add((Clock.nanos(1) - busyBefore) / 1e6);
        }
      }
    }
    to.printf(" %16.0f %9.0f", Measured.median(times), Measured.median(busy));
  }

  private static int[] prompt(int tokens) {
    int[] ids = new int[tokens];
    Arrays.setAll(ids, i -> i * 97 % 50000);
    return ids;
  }

  /// Root mean square of the difference, relative to that of the exact values.
  private static double distance(float[] exact, float[] other) {
    double off = 0;
    double all = 0;
    for (int i = 0; i < exact.length; i++) {
      off += Math.pow(exact[i] - other[i], 2);
      all += Math.pow(exact[i], 2);
    }
    return Math.sqrt(off / all);
  }

  private static double millisSince(long began) {
    return (System.nanoTime() - began) / 1e6;
  }
}
