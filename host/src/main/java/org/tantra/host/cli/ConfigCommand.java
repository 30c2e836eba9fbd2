package org.tantra.host.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tantra.api.Settings;
import org.tantra.host.Host;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tantra config TYPE`: a type's configuration, completed by defaults.
@Command(
    name = "config",
    description = "Show the configuration of a model type: its file over the defaults.",
    mixinStandardHelpOptions = true)
final class ConfigCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(paramLabel = "TYPE", description = "A model type, such as 'mamba'.")
  private String type = "";

  @Mixin private final HostFlags host = new HostFlags();

  ConfigCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    try (Host opened = tantra.open(host)) {
      Settings config = opened.configs().config(type);
      String problem = opened.configProblems().get(type);
      if (problem != null) {
        tantra.console().err().println("tantra: " + problem);
      }
      if (tantra.json()) {
        Json.print(tantra.console().out(), config.asMap());
      } else {
        print(tantra.console().out(), config.asMap(), "");
      }
      return ExitCode.OK;
    }
  }

  private static void print(PrintStream out, Map<?, ?> values, String indent) {
    values.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> nested) {
            out.println(indent + key + ":" + (nested.isEmpty() ? " {}" : ""));
            print(out, nested, indent + "  ");
          } else {
            String shown = value instanceof List<?> list ? list.toString() : String.valueOf(value);
            out.println(indent + key + ": " + shown);
          }
        });
  }
}
