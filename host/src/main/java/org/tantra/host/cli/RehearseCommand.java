package org.tantra.host.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.cli.remote.HostClient;
import org.tantra.host.cli.remote.RunFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `tantra rehearse`: goes once through what a start does, for the start-up cache of the launcher.
@Command(name = "rehearse", hidden = true, description = "Start, answer over HTTP, stop.")
final class RehearseCommand implements Callable<Integer> {
  private final TantraCli tantra;
  @Mixin private final HostFlags host = new HostFlags();

  RehearseCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    try (Host opened = tantra.open(host);
        Doors.HttpDoor door = tantra.doors().listen(opened, "127.0.0.1", 0);
        HostClient client = new HostClient(RunFile.here("127.0.0.1", door.port()), null)) {
      client.get("/v1/models");
      client.post(
          "/v1/chat/completions",
          Map.of(
              "model",
              opened.config().models().standard(),
              "max_tokens",
              4,
              "messages",
              List.of(Map.of("role", "user", "content", "Hello"))));
    } catch (TantraException _) {
      return ExitCode.OK; // nobody can answer here; the way up to that point is rehearsed
    }
    return ExitCode.OK;
  }
}
