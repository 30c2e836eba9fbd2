package org.tantra.host.store;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/// Points in time as registries hold them.
final class Times {
  /// With an offset in digits, which Python reads since 3.7.
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx", Locale.ROOT);

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS", Locale.ROOT);

  private Times() {}

  static String shown(Instant at) {
    return ISO.format(at.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
  }

  /// As part of a file name.
  static String stamp(Instant at) {
    return STAMP.format(at.atOffset(ZoneOffset.UTC));
  }

  /// With or without an offset; without, it is this machine's time. What cannot be read is older
  /// than everything.
  static Instant read(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException _) {
      try {
        return LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
      } catch (DateTimeException _) {
        return Instant.EPOCH;
      }
    }
  }
}
