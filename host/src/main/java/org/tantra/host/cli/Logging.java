package org.tantra.host.cli;

import picocli.CommandLine.ParseResult;

/// How much of the log a command shows on stderr. Must run before anything logs: logback reads the
/// property when the first logger is made.
final class Logging {
  private Logging() {}

  static void configure(ParseResult parsed, boolean debug) {
    ParseResult command = parsed;
    while (command.hasSubcommand()) {
      command = command.subcommand();
    }
    boolean serving = command.commandSpec().userObject() instanceof ServeCommand;
    String level = debug ? "debug" : serving ? "info" : "error";
    System.setProperty("tantra.log", System.getProperty("tantra.log", level));
  }
}
