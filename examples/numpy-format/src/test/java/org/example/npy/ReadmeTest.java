package org.example.npy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds the README to its word: each snippet is code of this project.
final class ReadmeTest {
  private static final Pattern SNIPPET = Pattern.compile("(?s)```(?:java|xml)\n(.*?)```");

  @Test
  void everySnippetIsCodeOfThisProject() throws IOException {
    StringBuilder code = new StringBuilder(Files.readString(Path.of("pom.xml")));
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        code.append(Files.readString(file));
      }
    }
    String known = withoutLayout(code.toString());
    List<String> snippets =
        SNIPPET
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map(result -> result.group(1))
            .toList();
    assertTrue(snippets.size() >= 5, () -> snippets.size() + " snippets");
    for (String snippet : snippets) {
      assertTrue(known.contains(withoutLayout(snippet)), () -> "not in the sources: " + snippet);
    }
  }

  private static String withoutLayout(String code) {
    return code.replaceAll("\\s+", " ").strip();
  }
}
