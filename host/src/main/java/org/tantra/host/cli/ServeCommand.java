package org.tantra.host.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.cli.remote.RunFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tantra serve`: a host with its HTTP door open until Ctrl-C or SIGTERM.
@Command(
    name = "serve",
    description = "Serve the models over HTTP until Ctrl-C.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Option(
      names = {"-p", "--port"},
      paramLabel = "N",
      description =
          "Port to listen on; 0 takes a free one. Default: http.port of Config/host.yaml.")
  private @Nullable Integer port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on. Default: http.host of Config/host.yaml.")
  private @Nullable String address;

  @Mixin private final HostFlags host = new HostFlags();

  ServeCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (port != null && (port < 0 || port > 65535)) {
      throw new TantraException(
          ErrorKind.INVALID, "--port is " + port + "; it must be between 0 and 65535.");
    }
    Optional<RunFile> other = RunFile.read(tantra.home());
    if (other.isPresent()) {
      throw new TantraException(
          ErrorKind.BUSY,
          "Process "
              + other.get().pid()
              + " serves from "
              + tantra.home()
              + " already, on port "
              + other.get().port()
              + ". Stop it, or serve from another --home.");
    }
    CountDownLatch stop = new CountDownLatch(1);
    try (Interruption _ = Interruption.watch(stop::countDown);
        Host opened = tantra.open(host);
        Doors.HttpDoor door = tantra.doors().listen(opened, address, port)) {
      String listening = address == null ? opened.config().http().host() : address;
      RunFile run = RunFile.here(listening, door.port());
      run.write(tantra.home());
      try {
        announce(opened, run);
        stop.await();
        tantra.console().err().println("tantra: stopping");
      } finally {
        run.remove(tantra.home());
      }
    }
    return ExitCode.OK;
  }

  private void announce(Host opened, RunFile run) {
    Console console = tantra.console();
    if (tantra.json()) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("host", run.host());
      document.put("port", run.port());
      document.put("pid", run.pid());
      document.put("home", opened.home().toString());
      Json.print(console.out(), document);
    } else {
      String url = "http://" + run.host() + ":" + run.port();
      console.out().println("Serving " + opened.models().size() + " models on " + url);
      console.out().println("OpenAI clients take " + url + "/v1 as base URL. Ctrl-C stops.");
    }
    console.flush();
  }
}
