package org.tantra.host.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tantra.api.TantraException;
import org.tantra.host.cli.demo.ServingHost.Answer;
import org.tantra.host.cli.remote.RunFile;

/// A host that loses, regains, updates and refuses plugins while it answers.
///
/// The first choice is the third-party plugin of `examples/storyteller`; its jar is copied in and
/// out of the drop-in folder of a temporary home. Who stands in for it is the plugin's own
/// declaration.
public final class Demo {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration STREAM_LIMIT = Duration.ofSeconds(60);
  private static final String QUESTION = "Tell me a story about a lighthouse.";

  /// Some 10 MB of events: more than fits into the buffers between a host and a client that pauses.
  private static final int LONG_STORY = 30_000;

  private static final String SMALL_BUFFER = "16384";

  private static final int SHORT_STORY = 100;

  /// One step, done.
  ///
  /// @param title what is shown
  /// @param command what one would type for it
  /// @param result what came back
  public record Step(String title, String command, List<String> result) {
    public Step {
      result = List.copyOf(result);
    }
  }

  private final Path installation;
  private final Path home;
  private final Consumer<Step> show;
  private final Path dropIn;

  /// @param installation folder with the launcher and the built example
  /// @param home empty folder to serve from
  /// @param show gets each step once it has happened
  public Demo(Path installation, Path home, Consumer<Step> show) {
    this.installation = installation;
    this.home = home;
    this.show = show;
    this.dropIn = home.resolve("plugins");
  }

  /// Runs all steps.
  ///
  /// @return what went wrong; nothing if all happened as promised
  public Optional<String> run() throws IOException, InterruptedException {
    System.setProperty("jdk.httpclient.receiveBufferSize", SMALL_BUFFER); // for LONG_STORY
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    Path launcher = installation.resolve(windows ? "tantra.cmd" : "tantra");
    try {
      PluginJar jar = PluginJar.in(installation.resolve("examples/storyteller/target"));
      jar.dropInto(dropIn);
      try (ServingHost host = ServingHost.start(launcher, home)) {
        try {
          steps(host, jar);
        } catch (StepFailed | TantraException e) {
          return Optional.of(e.getMessage() + " " + host.logged());
        }
      }
      return Optional.empty();
    } catch (StepFailed e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void steps(ServingHost host, PluginJar jar) throws IOException, InterruptedException {
    start(host);
    String model = loaded(host, jar);
    answer(host, model);
    pullWhileStreaming(host, jar, model);
    standIn(host, jar, model);
    dropBack(host, jar, model);
    update(host, jar, model);
    broken(host, jar, model);
    stop(host);
  }

  private void start(ServingHost host) {
    RunFile run = host.awaitReady();
    step(
        "Start a host",
        "./tantra serve --home " + home + " --port 0",
        "serving on " + host.client().base() + ", process " + run.pid());
  }

  private String loaded(ServingHost host, PluginJar jar) {
    awaitActive(host, jar.name(), jar.version());
    List<String> lines = new ArrayList<>();
    String model = "";
    for (JsonNode plugin : host.plugins()) {
      lines.add(
          "%s %s, %s, from %s"
              .formatted(
                  plugin.path("id").asText(),
                  plugin.path("version").asText(),
                  plugin.path("state").asText(),
                  plugin.path("file").asText()));
      if (plugin.path("file").asText().endsWith(jar.name())) {
        model = plugin.path("extensions").path("Model").path(0).asText();
      }
    }
    require(!model.isEmpty(), jar.name() + " contributes no model.");
    show.accept(
        new Step(
            "See what was loaded, from which jar", "./tantra plugins list --home " + home, lines));
    return model;
  }

  private void answer(ServingHost host, String model) {
    Answer answer = host.ask(model, QUESTION, SHORT_STORY);
    requireServedBy(model, answer);
    step("Ask for an answer", curl(host, model, ""), quoted(answer), by(answer));
  }

  private void pullWhileStreaming(ServingHost host, PluginJar jar, String model)
      throws IOException {
    try (AnswerStream stream = host.stream(model, QUESTION, LONG_STORY)) {
      Await.until(LIMIT, stream::begun, () -> "No stream within " + LIMIT.toSeconds() + " s.");
      Files.delete(dropIn.resolve(jar.name()));
      Await.until(
          LIMIT, () -> host.plugin(jar.name()).isEmpty(), () -> missed(host, jar.name(), "gone"));
      int before = stream.pieces();
      require(host.requestsInside() > 0, "The answer was over before the plugin was gone.");
      stream.readOn();
      Await.until(STREAM_LIMIT, stream::ended, () -> "The stream has not ended within a minute.");
      String finish = stream.finishReason();
      step(
          "Pull the plugin's jar away while it streams",
          curl(host, model, "\"stream\": true, ") + " & rm " + dropIn.resolve(jar.name()),
          "%d pieces were read before the plugin was gone, %d after; the stream ended with '%s'"
              .formatted(before, stream.pieces() - before, finish));
    }
  }

  private void standIn(ServingHost host, PluginJar jar, String model) {
    Answer answer = host.ask(model, QUESTION, SHORT_STORY);
    require(
        !answer.model().equals(model) && !answer.declined().isEmpty(),
        "After " + jar.name() + " had gone, " + answer.model() + " answered without a reason.");
    List<String> lines = new ArrayList<>(List.of(quoted(answer), by(answer)));
    lines.addAll(answer.declined());
    show.accept(
        new Step(
            "Ask again: the declared stand-in answers and says so", curl(host, model, ""), lines));
  }

  private void dropBack(ServingHost host, PluginJar jar, String model) {
    jar.dropInto(dropIn);
    awaitActive(host, jar.name(), jar.version());
    Answer answer = host.ask(model, QUESTION, SHORT_STORY);
    requireServedBy(model, answer);
    step(
        "Drop the jar back: the first choice takes over",
        "cp " + jar.file() + " " + dropIn + "/",
        quoted(answer),
        by(answer));
  }

  private void update(ServingHost host, PluginJar jar, String model) {
    jar.dropNextVersionInto(dropIn);
    List<Answer> meanwhile = new ArrayList<>();
    Await.until(
        LIMIT,
        () -> {
          meanwhile.add(host.ask(model, QUESTION, 4));
          return active(host, jar.name(), jar.nextVersion());
        },
        () -> missed(host, jar.name(), "version " + jar.nextVersion() + " active"));
    meanwhile.forEach(answer -> requireServedBy(model, answer));
    Answer answer = host.ask(model, QUESTION, SHORT_STORY);
    requireServedBy(model, answer);
    require(
        answer.version().equals(jar.nextVersion()),
        "Version " + answer.version() + " answered instead of " + jar.nextVersion() + ".");
    step(
        "Update it in place",
        "cp %s %s/   # the same classes as version %s"
            .formatted(jar.name(), dropIn, jar.nextVersion()),
        by(answer),
        meanwhile.size() + " requests during the update, none failed, none by a stand-in");
  }

  private void broken(ServingHost host, PluginJar jar, String model) throws IOException {
    String name = "broken.jar";
    jar.dropHalfInto(dropIn, name);
    Await.until(
        LIMIT,
        () -> host.plugin(name).filter(plugin -> state(plugin).equals("rejected")).isPresent(),
        () -> missed(host, name, "rejected"));
    Answer answer = host.ask(model, QUESTION, SHORT_STORY);
    requireServedBy(model, answer);
    step(
        "Drop in a broken jar: it is named and harms nothing",
        "head -c %d %s > %s"
            .formatted(Files.size(dropIn.resolve(name)), jar.file(), dropIn.resolve(name)),
        host.plugin(name)
            .map(plugin -> state(plugin) + ": " + plugin.path("message").asText())
            .orElse("gone"),
        by(answer));
  }

  private void stop(ServingHost host) throws InterruptedException {
    long process = host.pid();
    int exitCode = host.stop();
    require(
        !Files.exists(RunFile.in(home)),
        "The host ended and left " + RunFile.in(home) + " behind.");
    step("Stop", "kill " + process, "ended with exit code " + exitCode + ", nothing left behind");
  }

  private static void awaitActive(ServingHost host, String fileName, String version) {
    Await.until(
        LIMIT,
        () -> active(host, fileName, version),
        () -> missed(host, fileName, "version " + version + " active"));
  }

  private static boolean active(ServingHost host, String fileName, String version) {
    return host.plugin(fileName)
        .filter(plugin -> state(plugin).equals("active"))
        .filter(plugin -> plugin.path("version").asText().equals(version))
        .isPresent();
  }

  private static String missed(ServingHost host, String fileName, String wanted) {
    return "%s is not %s within %d s: %s."
        .formatted(
            fileName,
            wanted,
            LIMIT.toSeconds(),
            host.plugin(fileName).map(JsonNode::toString).orElse("the host does not list it"));
  }

  private static String state(JsonNode plugin) {
    return plugin.path("state").asText();
  }

  private static void requireServedBy(String model, Answer answer) {
    require(
        answer.model().equals(model),
        "'" + answer.model() + "' answered instead of '" + model + "': " + answer.declined());
  }

  private static void require(boolean promised, String otherwise) {
    if (!promised) {
      throw new StepFailed(otherwise);
    }
  }

  private void step(String title, String command, String... result) {
    show.accept(new Step(title, command, List.of(result)));
  }

  private static String curl(ServingHost host, String model, String more) {
    return "curl %s/v1/chat/completions -d '{\"model\": \"%s\", %s\"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}'"
        .formatted(host.client().base(), model, more, QUESTION);
  }

  private static String quoted(Answer answer) {
    String line = answer.text().strip().replaceAll("\\s+", " ");
    return "“" + (line.length() <= 76 ? line : line.substring(0, 75) + "…") + "”";
  }

  private static String by(Answer answer) {
    return "answered by " + answer.model() + ", plugin version " + answer.version();
  }
}
