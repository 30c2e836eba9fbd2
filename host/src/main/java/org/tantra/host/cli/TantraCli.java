package org.tantra.host.cli;

import org.tantra.host.Host;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The program `tantra`.
@Command(
    name = "tantra",
    description = "A plugin-based host for models that does not go down when a model does.",
    version = "Tantra Host " + Host.VERSION,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit codes by kind of error: docs/errors.md. Home folder: --home or TANTRA_HOME."
    })
public final class TantraCli implements Runnable {
  TantraCli() {}

  public static void main(String[] arguments) {
    Cli cli = new Cli(Console.ofProcess(), Doors.REAL, System.getenv());
    int exitCode = run(cli, arguments);
    cli.console().flush();
    System.exit(exitCode);
  }

  /// Runs one command line and returns its exit code.
  static int run(Cli cli, String... arguments) {
    return commandLine(cli).execute(arguments);
  }

  static CommandLine commandLine(Cli cli) {
    CommandLine line = new CommandLine(new TantraCli());
    return line;
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.err);
  }
}
