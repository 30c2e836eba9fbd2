package org.tantra.host.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.tantra.host.cli.demo.Demo;
import picocli.CommandLine.Command;

/// `tantra demo`: the main job in under a minute, in a temporary home.
@Command(
    name = "demo",
    description = {
      "Show in under a minute what happens when plugins come, go and break.",
      "Uses a temporary home and its real drop-in folder. Exit code 0 only if every step happened."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private final TantraCli tantra;
  private final List<Demo.Step> steps = new ArrayList<>();

  DemoCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    long began = System.nanoTime();
    Path home = Files.createTempDirectory("tantra-demo-");
    Optional<String> failure;
    try (Interruption _ = Interruption.watch(Thread.currentThread()::interrupt)) {
      failure = new Demo(tantra.installation(), home, this::show).run();
    } finally {
      delete(home);
    }
    long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
    if (tantra.json()) {
      Json.print(tantra.console().out(), document(failure, seconds));
    } else if (failure.isEmpty()) {
      tantra.console().out().println("\nAll of this happened, in " + seconds + " s.");
    }
    failure.ifPresent(
        what ->
            tantra
                .console()
                .err()
                .println(
                    "tantra: Step " + (steps.size() + 1) + " did not happen as promised. " + what));
    return failure.isEmpty() ? ExitCode.OK : ExitCode.NOT_OK;
  }

  private void show(Demo.Step step) {
    steps.add(step);
    if (tantra.json()) {
      return;
    }
    var out = tantra.console().out();
    out.println((steps.size() == 1 ? "" : "\n") + steps.size() + ". " + step.title());
    out.println("   $ " + step.command());
    step.result().forEach(line -> out.println("   " + line));
    out.flush();
  }

  private Map<String, Object> document(Optional<String> failure, long seconds) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("ok", failure.isEmpty());
    failure.ifPresent(what -> document.put("failure", what));
    document.put("seconds", seconds);
    List<Map<String, Object>> shown = new ArrayList<>();
    for (Demo.Step step : steps) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("title", step.title());
      one.put("command", step.command());
      one.put("result", step.result());
      shown.add(one);
    }
    document.put("steps", shown);
    return document;
  }

  private static void delete(Path folder) {
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be removed", e);
    }
  }
}
