package org.tantra.host.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The files this process has open, where the system shows them.
final class OpenFiles {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private OpenFiles() {}

  /// Those below a folder; none if the system does not show open files.
  static List<String> below(Path folder) {
    List<String> found = new ArrayList<>();
    if (!Files.isDirectory(DESCRIPTORS)) {
      return found;
    }
    try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
      String prefix = folder.toRealPath().toString();
      for (Path descriptor : descriptors.toList()) {
        String target = targetOf(descriptor);
        if (target.startsWith(prefix)) {
          found.add(target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  private static String targetOf(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException _) { // closed since it was listed
      return "";
    }
  }
}
