package org.tantra.plugin.gguf;

import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Makes the errors of this plugin: file, offset, reason, and a code for programs.
///
/// @param file what messages call the file
record Refusal(String file) {
  private static final Set<String> UNSUPPORTED =
      Set.of(
          "bad-version", "big-endian", "resource-limit", "unsupported-format", "unsupported-type");
  private static final int MAXIMUM_MESSAGE = 1000;

  TantraException at(long offset, String code, String what) {
    ErrorKind kind = UNSUPPORTED.contains(code) ? ErrorKind.UNSUPPORTED : ErrorKind.CORRUPT;
    String message = "Weight file '" + file + "', offset " + offset + ": " + what + ".";
    // Names come from the file: no control characters reach a terminal or a log, and no megabytes.
    String limited = message.substring(0, Math.min(message.length(), MAXIMUM_MESSAGE));
    return new TantraException(kind, limited.replaceAll("\\p{Cntrl}", "?")).withCode(code);
  }
}
