package org.tantra.host.cli;

import java.util.Locale;

/// Numbers of bytes for people.
final class Sizes {
  private Sizes() {}

  /// `512 MiB`, `1.5 GiB`, `-` for none.
  static String shown(long bytes) {
    if (bytes <= 0) {
      return "-";
    }
    double size = bytes;
    for (String unit : new String[] {"B", "KiB", "MiB"}) {
      if (size < 1024) {
        return String.format(Locale.ROOT, size < 10 ? "%.1f %s" : "%.0f %s", size, unit);
      }
      size /= 1024;
    }
    return String.format(Locale.ROOT, "%.1f GiB", size);
  }
}
