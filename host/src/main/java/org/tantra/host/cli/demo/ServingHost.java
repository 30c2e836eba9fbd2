package org.tantra.host.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tantra.host.cli.remote.HostClient;
import org.tantra.host.cli.remote.RunFile;

/// `./tantra serve` in a process of its own, seen from outside.
final class ServingHost implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  /// Who answered, and what.
  ///
  /// @param model who answered
  /// @param version of the plugin whose model it is
  /// @param text the answer
  /// @param declined who declined before and why; empty if the first choice answered
  record Answer(String model, String version, String text, List<String> declined) {}

  private final Path home;
  private final Process process;
  private final Path log;
  private @Nullable HostClient client;

  private ServingHost(Path home, Process process, Path log) {
    this.home = home;
    this.process = process;
    this.log = log;
  }

  /// Starts the launcher; [#awaitReady()] waits for it.
  static ServingHost start(Path launcher, Path home) throws IOException {
    Path log = home.resolve("serve.log");
    ProcessBuilder serve =
        new ProcessBuilder(launcher.toString(), "serve", "--home", home.toString(), "--port", "0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    serve.environment().put("TANTRA_NO_BUILD", "1");
    serve.environment().remove("TANTRA_HOME");
    return new ServingHost(home, serve.start(), log);
  }

  /// Waits until it has said where it listens.
  RunFile awaitReady() {
    Await.until(
        START_LIMIT,
        () -> RunFile.read(home).isPresent() || !process.isAlive(),
        () -> "The host has not started within " + START_LIMIT.toSeconds() + " s. " + logged());
    RunFile run =
        RunFile.read(home)
            .orElseThrow(() -> new StepFailed("The host ended while starting. " + logged()));
    client = new HostClient(run, null);
    return run;
  }

  long pid() {
    return process.pid();
  }

  HostClient client() {
    if (client == null) {
      throw new IllegalStateException("awaitReady() comes first");
    }
    return client;
  }

  JsonNode plugins() {
    return client().get("/admin/plugins").path("plugins");
  }

  /// Requests that the host is answering.
  int requestsInside() {
    return client().get("/admin/ps").path("requests").path("inside").asInt();
  }

  /// What became of a file in the drop-in folder.
  Optional<JsonNode> plugin(String fileName) {
    for (JsonNode plugin : plugins()) {
      Path file = Path.of(plugin.path("file").asText());
      if (file.startsWith(home) && file.getFileName().toString().equals(fileName)) {
        return Optional.of(plugin);
      }
    }
    return Optional.empty();
  }

  /// Asks a model.
  Answer ask(String model, String question, int tokens) {
    JsonNode body =
        client()
            .post(
                "/v1/chat/completions",
                Map.of("model", model, "max_tokens", tokens, "messages", message(question)))
            .body();
    JsonNode receipt = body.path("x_tantra");
    List<String> declined =
        receipt
            .path("attempts")
            .valueStream()
            .map(
                attempt ->
                    attempt.path("model").asText()
                        + ": "
                        + attempt.path("kind").asText()
                        + ": "
                        + attempt.path("reason").asText())
            .toList();
    return new Answer(
        receipt.path("served").asText(),
        receipt.path("plugin_version").asText(),
        body.path("choices").path(0).path("message").path("content").asText(),
        declined);
  }

  /// Asks a model for a stream.
  AnswerStream stream(String model, String question, int tokens) {
    return new AnswerStream(
        client().stream(
            "/v1/chat/completions",
            Map.of(
                "model",
                model,
                "max_tokens",
                tokens,
                "stream",
                true,
                "messages",
                message(question))));
  }

  private static List<Map<String, String>> message(String question) {
    return List.of(Map.of("role", "user", "content", question));
  }

  /// Ends it as Ctrl-C or a service manager would.
  ///
  /// @return its exit code
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new StepFailed("The host has not ended within " + STOP_LIMIT.toSeconds() + " s.");
    }
    return process.exitValue();
  }

  /// The last lines that it wrote.
  String logged() {
    try {
      List<String> lines = Files.readAllLines(log);
      return "It wrote:\n"
          + String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "Its log cannot be read: " + e;
    }
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
    process.destroyForcibly();
  }
}
