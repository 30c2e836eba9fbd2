package org.tantra.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tantra.api.Prompt;
import org.tantra.api.TextRequest;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.TextAnswer;

/// Resident memory of a host before and after a model has answered. Pages of mapped weights count
/// as far as they were read.
final class MemoryUse {
  private static final int TOKENS = 32;

  private MemoryUse() {}

  /// @param home with the model's weights and configuration
  static void run(PrintStream to, Path home, String model) throws IOException {
    Path plugins = Path.of(System.getProperty("tantra.install")).resolve("plugins");
    try (Host host = Host.open(new HostOptions(home, List.of(plugins), null, false))) {
      host.scanPlugins();
      long bare = residentBytes();
      TextRequest request = TextRequest.of(new Prompt.Text("The capital of France"), TOKENS);
      long began = System.nanoTime();
      int pieces = 0;
      try (TextAnswer answer = host.generate(Call.of(model, request))) {
        while (answer.next().isPresent()) {
          pieces++;
        }
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      long full = residentBytes();
      to.printf(
          "%s: %d MB bare, %d MB after %d pieces in %.1f s: %d MB for the model%n",
          model, bare >> 20, full >> 20, pieces, seconds, (full - bare) >> 20);
    }
  }

  /// After a garbage collection, as Linux counts it.
  private static long residentBytes() throws IOException {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow(() -> new IOException("no VmRSS in /proc/self/status"));
  }
}
