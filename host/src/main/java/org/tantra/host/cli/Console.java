package org.tantra.host.cli;

import static java.util.Objects.requireNonNull;

import java.io.InputStream;
import java.io.PrintStream;

/// Where a command reads and writes, and which of the three are terminals.
///
/// @param in what the user types or pipes in
/// @param out results
/// @param err everything else: who answered, progress, errors
record Console(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean inTerminal,
    boolean outTerminal,
    boolean errTerminal) {
  Console {
    requireNonNull(in, "in");
    requireNonNull(out, "out");
    requireNonNull(err, "err");
  }

  /// The process's own. The launcher says which are terminals: the digits of 0, 1, 2 that are.
  static Console ofProcess() {
    String terminals = System.getProperty("tantra.terminals", "");
    return new Console(
        System.in,
        System.out,
        System.err,
        terminals.contains("0"),
        terminals.contains("1"),
        terminals.contains("2"));
  }

  void flush() {
    out.flush();
    err.flush();
  }
}
