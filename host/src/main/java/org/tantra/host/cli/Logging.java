package org.tantra.host.cli;

import picocli.CommandLine.ParseResult;

/// How much of the log a command shows on stderr, unless `TANTRA_LOG` says. Must run before
/// anything logs: logback reads the property when the first logger is made.
final class Logging {
  private Logging() {}

  static void configure(ParseResult parsed, boolean debug) {
    ParseResult command = parsed;
    while (command.hasSubcommand()) {
      command = command.subcommand();
    }
    boolean serving = command.commandSpec().userObject() instanceof ServeCommand;
    String level = debug ? "debug" : serving ? "info" : "error";
    if (System.getProperty("tantra.log") == null && System.getenv("TANTRA_LOG") == null) {
      System.setProperty("tantra.log", level);
    }
  }
}
