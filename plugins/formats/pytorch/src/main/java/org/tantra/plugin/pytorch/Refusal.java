package org.tantra.plugin.pytorch;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Makes the errors of this plugin: file, place, reason, and a code for programs.
///
/// The offset moves along with the parser, so that whoever checks a value deep inside need not know
/// where it came from.
final class Refusal {
  /// Sound files that hold something else than weights; every other code means damage.
  private static final Set<String> UNSUPPORTED =
      Set.of(
          "bad-version",
          "duplicate-name",
          "forbidden-call",
          "forbidden-global",
          "forbidden-opcode",
          "legacy-tar",
          "resource-limit",
          "torchscript",
          "unknown-format",
          "unsupported-dtype",
          "unsupported-format",
          "unsupported-tensor");

  private static final int MAXIMUM_MESSAGE = 1000;

  private final String place;
  private long offset = -1;

  private Refusal(String place) {
    this.place = place;
  }

  static Refusal in(String file) {
    return new Refusal("Weight file '" + file + "'");
  }

  /// For something inside: a record of an archive, one of several pickles.
  Refusal inside(String part) {
    return new Refusal(place + ", " + part);
  }

  /// From now on errors name this byte.
  void at(long offset) {
    this.offset = offset;
  }

  TantraException because(String code, String what) {
    return because(code, what, null);
  }

  TantraException because(String code, String what, @Nullable Throwable cause) {
    String where = offset < 0 ? place : place + ", offset " + offset;
    ErrorKind kind = UNSUPPORTED.contains(code) ? ErrorKind.UNSUPPORTED : ErrorKind.CORRUPT;
    return new TantraException(kind, printable(where + ": " + what + "."), cause).withCode(code);
  }

  /// Names come from the file: no control characters reach a terminal or a log, and no megabytes.
  private static String printable(String text) {
    String limited = text.length() <= MAXIMUM_MESSAGE ? text : text.substring(0, MAXIMUM_MESSAGE);
    return limited.replaceAll("\\p{Cntrl}", "?");
  }
}
