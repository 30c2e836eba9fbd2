package org.tantra.host.cli;

import org.tantra.api.ErrorKind;

/// The one table from kinds of error to exit codes; `docs/errors.md` prints it.
final class ExitCode {
  static final int OK = 0;

  /// The command ran, and what it checked is not in order: an output outside tolerance, a failing
  /// check of `doctor`, a step of `demo` that did not happen.
  static final int NOT_OK = 1;

  private ExitCode() {}

  static int of(ErrorKind kind) {
    return switch (kind) {
      case INVALID -> 2; // what shells and picocli use for wrong usage
      case NOT_FOUND -> 3;
      case UNSUPPORTED -> 4;
      case CORRUPT -> 5;
      case EXHAUSTED -> 6;
      case BUSY -> 7;
      case INTERNAL -> 70; // EX_SOFTWARE of sysexits.h
      case CANCELLED -> 130; // as after Ctrl-C
    };
  }
}
