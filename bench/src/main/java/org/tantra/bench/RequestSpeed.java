package org.tantra.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TextRequest;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.TextAnswer;

/// What requests make together that a model answers at the same time, through the whole host: each
/// is asked for by a thread of its own, behind its prompt.
final class RequestSpeed {
  private static final List<Integer> PROMPT = List.of(5, 80, 33, 7, 190, 61, 12, 3);
  private static final int TOKENS = 48;

  private RequestSpeed() {}

  /// Prints tokens a second of 1, 2, 4, 8 and 16 requests, against those of one.
  ///
  /// @param home with the model's weights and configuration
  static void run(PrintStream to, Path home, String model) throws IOException {
    Path plugins = Path.of(System.getProperty("tantra.install")).resolve("plugins");
    try (Host host = Host.open(new HostOptions(home, List.of(plugins), null, false))) {
      host.scanPlugins();
      tokensPerSecond(host, model, 1); // so that every kernel is compiled
      tokensPerSecond(host, model, 16);
      to.println("model            requests  tokens/s  of one's");
      double alone = 0;
      for (int count : new int[] {1, 2, 4, 8, 16}) {
        double perSecond = tokensPerSecond(host, model, count);
        alone = count == 1 ? perSecond : alone;
        to.printf("%-16s %8d %9.1f %9.2f%n", model, count, perSecond, perSecond / alone);
      }
    }
  }

  private static double tokensPerSecond(Host host, String model, int count) {
    TextRequest request =
        TextRequest.of(new Prompt.Tokens(PROMPT), TOKENS + 1).with(Sampling.GREEDY);
    List<TextAnswer> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TextAnswer answer = host.generate(Call.of(model, request));
      answer.next().orElseThrow();
      answers.add(answer);
    }
    LongAdder tokens = new LongAdder();
    long began = System.nanoTime();
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      answers.forEach(answer -> threads.execute(() -> tokens.add(rest(answer))));
    }
    return tokens.sum() * 1e9 / (System.nanoTime() - began);
  }

  private static int rest(TextAnswer answer) {
    try (answer) {
      int tokens = 0;
      for (var piece = answer.next(); piece.isPresent(); piece = answer.next()) {
        tokens += piece.get().tokens().size();
      }
      return tokens;
    }
  }
}
