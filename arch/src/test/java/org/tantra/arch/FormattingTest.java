package org.tantra.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every source is as `tools/format` leaves it.
final class FormattingTest {
  @Test
  void sourcesAreFormatted() throws IOException {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Jars.ROOT)) {
      for (Path module : modules.filter(Files::isDirectory).sorted().toList()) {
        if (!module.getFileName().toString().matches("\\..*|target|Model|run")) {
          sources.addAll(
              Jars.files(module, "", ".java").stream()
                  .filter(source -> !source.toString().contains("/target/"))
                  .toList());
        }
      }
    }
    assertTrue(sources.size() > 100, "Only " + sources.size() + " sources were found.");

    assertEquals(
        List.of(),
        sources.parallelStream()
            .filter(FormattingTest::differs)
            .map(Jars.ROOT::relativize)
            .toList(),
        "Run tools/format.");
  }

  private static boolean differs(Path source) {
    try {
      String text = Files.readString(source);
      return !new Formatter().formatSourceAndFixImports(text).equals(text);
    } catch (FormatterException e) {
      throw new AssertionError(source + " cannot be parsed", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
