package org.tantra.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What this process still holds of a file: open descriptors and mapped memory.
///
/// Reads `/proc/self`; on a system without it nothing is ever reported.
public final class LeakCheck {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Path MAPPINGS = Path.of("/proc/self/maps");

  private LeakCheck() {}

  /// @throws AssertionError if the file, or any file in the folder, is still open or mapped;
  ///   deleted files count too
  public static void assertReleased(Path fileOrFolder) throws IOException {
    List<String> held = held(fileOrFolder.toRealPath().toString());
    if (!held.isEmpty()) {
      throw new AssertionError("not released: " + String.join("; ", held));
    }
  }

  private static List<String> held(String path) throws IOException {
    List<String> held = new ArrayList<>();
    if (Files.isReadable(MAPPINGS)) {
      try (Stream<String> lines = Files.lines(MAPPINGS)) {
        lines.filter(line -> line.contains(path)).map(line -> "mapped " + line).forEach(held::add);
      }
    }
    if (Files.isDirectory(DESCRIPTORS)) {
      try (Stream<Path> links = Files.list(DESCRIPTORS)) {
        links.map(LeakCheck::target).filter(to -> to.startsWith(path)).forEach(held::add);
      }
    }
    return held;
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException _) {
      return ""; // closed between listing and looking
    }
  }
}
