package org.tantra.plugin.safetensors;

import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Words the errors about one file.
///
/// @param fileName as messages name it
record Refusal(String fileName) {
  private static final int MOST_SHOWN = 80;

  /// @param problem place and reason, a whole sentence
  TantraException corrupt(String problem) {
    return error("bad-header", "is no sound safetensors file: " + problem);
  }

  /// @param bytes what the file says its header takes
  TantraException headerTooLarge(long bytes) {
    return error(
        "header-too-large",
        "is no sound safetensors file: bytes 0 to 7 give the header %s bytes, the format allows %d."
            .formatted(Long.toUnsignedString(bytes), SafetensorsHeader.MAXIMUM_BYTES));
  }

  /// @param problem what is promised and what is there, a whole sentence
  TantraException cutShort(String problem) {
    return error("truncated", "is cut short: " + problem);
  }

  private TantraException error(String code, String problem) {
    return new TantraException(
            ErrorKind.CORRUPT,
            "'" + fileName + "' " + problem + " Fetch it again and compare checksums.")
        .withCode(code);
  }

  /// A name from a file, in quotes, on one line and not too long for a message.
  static String quoted(String name) {
    String shown = name.length() <= MOST_SHOWN ? name : name.substring(0, MOST_SHOWN) + "…";
    return "'" + shown.replaceAll("\\p{Cntrl}", "�") + "'";
  }
}
