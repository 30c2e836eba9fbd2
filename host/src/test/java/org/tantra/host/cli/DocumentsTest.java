package org.tantra.host.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.host.config.HostConfig;

/// What the documents say about the program is so.
final class DocumentsTest {
  private static final Path ROOT = Files.exists(Path.of("README.md")) ? Path.of("") : Path.of("..");

  @Test
  void readmeBeginsWithTwoCommands() throws IOException {
    Matcher block = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL).matcher(text("README.md"));

    assertTrue(block.find());
    assertEquals(
        List.of("./tantra demo", "mvn verify"),
        block.group(1).lines().map(line -> line.replaceAll("\\s*#.*", "")).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README.md",
        "CONTRIBUTING.md",
        "docs/errors.md",
        "docs/architecture.md",
        "docs/operations.md"
      })
  void commandsThatDocumentsNameExist(String document) throws IOException {
    var tree =
        new TantraCli(Console.ofProcess(), Doors.REAL, Map.of()).commandLine().getSubcommands();
    List<String> unknown = new ArrayList<>();
    Matcher named = Pattern.compile("\\./tantra ([a-z-]+)(?: ([a-z-]+))?").matcher(text(document));
    while (named.find()) {
      var command = tree.get(named.group(1));
      boolean known =
          command != null
              && (!named.group(1).equals("plugins")
                  || command.getSubcommands().containsKey(named.group(2)));
      if (!known) {
        unknown.add(named.group());
      }
    }

    assertEquals(List.of(), unknown);
  }

  @ParameterizedTest
  @EnumSource
  void eachKindHasItsRowAndItsParagraph(ErrorKind kind) throws IOException {
    String errors = text("docs/errors.md");
    Pattern row =
        Pattern.compile("\\| `%s` \\| \\d+ \\| %d \\|".formatted(kind, ExitCode.of(kind)));

    assertTrue(row.matcher(errors).find(), "no row with the exit code of " + kind);
    assertTrue(errors.contains("\n## " + kind + "\n\n"), "no paragraph on " + kind);
  }

  @Test
  void commentedHostYamlShowsTheDefaults(@org.junit.jupiter.api.io.TempDir Path folder)
      throws IOException {
    String shown =
        text("Config/host.yaml")
            .replaceAll("(?m)^# (?=(http|plugins|models|weights):|  )", "")
            .replaceAll("budget: auto", "");
    Path file = Files.writeString(folder.resolve("host.yaml"), shown);

    assertTrue(shown.contains("\nhttp:\n  host: 127.0.0.1"), shown);
    assertEquals(HostConfig.read(Path.of("no such file")), HostConfig.read(file));
  }

  private static String text(String document) throws IOException {
    return Files.readString(ROOT.resolve(document));
  }
}
