package org.tantra.bench;

import java.io.PrintStream;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs [KernelBenchmark] with both kinds of kernels and prints how much faster the vector ones
/// are.
final class KernelRatios {
  private KernelRatios() {}

  /// @param pattern of the benchmarks to run
  static void run(PrintStream to, String pattern) throws RunnerException {
    Map<String, Result<?>> vector = run("vector", pattern);
    Map<String, Result<?>> scalar = run("scalar", pattern);
    to.println("kernel               scalar µs (±)      vector µs (±)      ratio");
    vector.forEach(
        (name, fast) -> {
          Result<?> slow = scalar.get(name);
          if (slow != null) {
            to.printf(
                "%-18s %10.1f (%5.1f) %10.1f (%5.1f) %10.1f%n",
                name,
                slow.getScore(),
                slow.getScoreError(),
                fast.getScore(),
                fast.getScoreError(),
                slow.getScore() / fast.getScore());
          }
        });
  }

  private static Map<String, Result<?>> run(String kernels, String pattern) throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(KernelBenchmark.class.getSimpleName() + "." + pattern)
                    .param("kernels", kernels)
                    .jvmArgsAppend(
                        "--add-modules=jdk.incubator.vector", "-Dtantra.kernels=" + kernels)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    Map<String, Result<?>> byName = new TreeMap<>();
    results.forEach(
        result -> byName.put(result.getPrimaryResult().getLabel(), result.getPrimaryResult()));
    return byName;
  }
}
