package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs `./tantra` as it was built.
///
/// @param javaOptions further ones, for the JVM of the program
record Launcher(Path home, String javaOptions) {
  /// For a machine that does other things at the same time; alone it takes about 3 s.
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /// A run that has ended.
  ///
  /// @param work what all cores together computed for it
  /// @param busy the share of all cores that anybody used meanwhile, or that the run itself used of
  ///   those it may use; 0 to 1
  record Ended(int code, String out, String err, Duration took, Duration work, double busy) {}

  static Launcher on(Path home) {
    return new Launcher(home, "");
  }

  Ended run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Installation.ROOT.resolve("tantra").toString());
    command.addAll(List.of("--home", home.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile("out", ".txt");
    Path err = Files.createTempFile("err", ".txt");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().put("TANTRA_NO_BUILD", "1");
      builder.environment().put("TANTRA_JAVA_OPTS", javaOptions);
      var machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
      machine.getCpuLoad(); // the next call counts from here
      long began = System.nanoTime();
      Process process = builder.start();
      process.getOutputStream().close();
      Duration work = Duration.ZERO;
      while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
        work = process.info().totalCpuDuration().orElse(work);
        assertTrue(
            System.nanoTime() - began < LIMIT.toNanos(),
            () -> command + " did not end within " + LIMIT);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      double used =
          (double) work.toNanos() / took.toNanos() / Runtime.getRuntime().availableProcessors();
      return new Ended(
          process.exitValue(),
          Files.readString(out),
          Files.readString(err),
          took,
          work,
          Math.max(used, machine.getCpuLoad()));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
