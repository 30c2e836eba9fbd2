package org.tantra.plugin.numpy.zip;

import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Words the errors about one archive.
///
/// @param fileName as messages name it
record ZipRefusal(String fileName) {
  /// @param problem place and reason, a whole sentence
  TantraException corrupt(String problem) {
    return new TantraException(
            ErrorKind.CORRUPT,
            "'"
                + fileName
                + "' is no sound zip archive: "
                + problem
                + " Fetch it again and compare checksums.")
        .withCode("zip-structure");
  }

  /// @param problem place and reason, and what to do; whole sentences
  TantraException unsupported(String problem) {
    return new TantraException(
            ErrorKind.UNSUPPORTED, "'" + fileName + "' cannot be read: " + problem)
        .withCode("unsupported-archive");
  }
}
