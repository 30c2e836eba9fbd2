package org.tantra.host.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.cli.remote.HostClient;
import org.tantra.host.cli.remote.RunFile;
import picocli.CommandLine.Command;

/// `tantra ps`: what the host that serves from this home is doing.
@Command(
    name = "ps",
    description = "Show the loaded models and running requests of the serving host.",
    mixinStandardHelpOptions = true)
final class PsCommand implements Callable<Integer> {
  private final TantraCli tantra;

  PsCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    RunFile run =
        RunFile.read(tantra.home())
            .orElseThrow(
                () ->
                    new TantraException(
                        ErrorKind.NOT_FOUND,
                        "No host serves from " + tantra.home() + ". Start one: tantra serve."));
    try (HostClient client = tantra.client(run)) {
      JsonNode answer = client.get("/admin/ps");
      if (tantra.json()) {
        Json.print(tantra.console().out(), answer);
      } else {
        print(run, answer);
      }
    }
    return ExitCode.OK;
  }

  private void print(RunFile run, JsonNode answer) {
    Console console = tantra.console();
    console
        .out()
        .printf(
            "Process %d on port %d, up %s, %d requests inside, %d waiting%n%n",
            run.pid(),
            run.port(),
            shown(Duration.between(run.started(), Instant.now())),
            answer.path("requests").path("inside").asInt(),
            answer.path("requests").path("waiting").asInt());
    if (answer.path("models").isEmpty()) {
      console.out().println("No model is loaded.");
      return;
    }
    Table table = new Table("MODEL", "STATE", "PLUGIN", "MEMORY", "REQUESTS");
    for (JsonNode model : answer.path("models")) {
      table.row(
          model.path("id").asText(),
          model.path("state").asText(),
          model.path("plugin").asText("-") + " " + model.path("version").asText(""),
          Sizes.shown(model.path("bytes").asLong()),
          model.path("requests").asText("0"));
    }
    table.print(console.out());
  }

  /// `2 h 5 min`, `40 s`.
  static String shown(Duration time) {
    if (time.toHours() > 0) {
      return time.toHours() + " h " + time.toMinutesPart() + " min";
    }
    return time.toMinutes() > 0
        ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
        : time.toSeconds() + " s";
  }
}
