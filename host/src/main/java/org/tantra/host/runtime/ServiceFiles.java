package org.tantra.host.runtime;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// The provider files of a jar, `META-INF/services/<extension point>`: one class name per line, `#`
/// starts a comment.
///
/// Read by ourselves: `ServiceLoader` keeps providers alive, follows the parent class loader and
/// needs directory entries in some runtimes.
final class ServiceFiles {
  /// Files below are extension points of ours; other services are the plugin's own affair.
  private static final String PREFIX = "META-INF/services/org.tantra.api.";

  private ServiceFiles() {}

  static boolean isExtensionFile(String entryName) {
    return entryName.startsWith(PREFIX);
  }

  /// The interface name a file is about.
  static String pointOf(String entryName) {
    return entryName.substring("META-INF/services/".length());
  }

  /// The class names in a file, each once, in order.
  static List<String> parse(byte[] content) {
    return new String(content, StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.replaceFirst("#.*", "").strip())
        .filter(line -> !line.isEmpty())
        .distinct()
        .toList();
  }
}
