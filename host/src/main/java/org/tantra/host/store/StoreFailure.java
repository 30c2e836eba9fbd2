package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Says what a failing disk means to whoever asked for an operation.
final class StoreFailure {
  private StoreFailure() {}

  /// @param what what could not be done, as the beginning of a sentence: `Weight 'x' was not saved`
  static TantraException of(String what, IOException e) {
    String reason = String.valueOf(e.getMessage());
    String lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left") || lower.contains("quota exceeded")) {
      return new TantraException(
          ErrorKind.EXHAUSTED,
          what
              + ": the disk is full ("
              + reason
              + "). Nothing was changed. Free some space, for example with 'weights cleanup'.",
          e);
    }
    if (e instanceof NoSuchFileException) {
      return new TantraException(
          ErrorKind.NOT_FOUND, what + ": '" + reason + "' is not there, or no longer.", e);
    }
    if (e instanceof AccessDeniedException
        || lower.contains("read-only")
        || lower.contains("permission denied")) {
      return readOnly(what, reason, e);
    }
    return new TantraException(ErrorKind.INTERNAL, what + ": " + e + ". Nothing was changed.", e);
  }

  private static TantraException readOnly(String what, String reason, Throwable e) {
    return new TantraException(
        ErrorKind.INVALID,
        what
            + ": the folder cannot be written ("
            + reason
            + "). Nothing was changed. Make it writable, or use another home with --home.",
        e);
  }
}
