package org.tantra.host.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.ErrorKind;
import org.tantra.host.Host;
import org.tantra.host.cli.Session.Ran;

final class UsageTest {
  @TempDir private Path home = Path.of("");

  @Test
  void versionIsTheHosts() {
    Ran ran = run("--version");

    assertEquals(new Ran(0, "Tantra Host " + Host.VERSION + "\n", ""), ran);
  }

  @Test
  void helpGoesToStdout() {
    Ran ran = run("plugins", "install", "--help");

    assertEquals(0, ran.exitCode());
    assertTrue(ran.out().startsWith("Usage: tantra plugins install"), ran.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plugin | Unknown command 'plugin', did you mean 'plugins'? See 'tantra --help'.",
        "zzz | Unknown command 'zzz'. See 'tantra --help'.",
        "plugins lst | Unknown command 'lst', did you mean 'list'? See 'tantra plugins --help'.",
        "serve --prt=1 | Unknown option '--prt', did you mean '--port'? See 'tantra serve"
            + " --help'.",
        "generate | Missing required parameter: 'PROMPT'. See 'tantra generate --help'.",
        "serve --port x | Invalid value for option '--port': 'x' is not an int. See 'tantra serve"
            + " --help'.",
        "serve --port 70000 | --port is 70000; it must be between 0 and 65535.",
      })
  void wrongUsageSaysWhatIsMeant(String line, String message) {
    Ran ran = run(line.split(" ", -1));

    assertEquals(new Ran(2, "", "tantra: " + message + "\n"), ran);
  }

  @Test
  void noCommandListsTheCommands() {
    Ran ran = run();

    assertEquals(2, ran.exitCode());
    assertEquals("", ran.out());
    assertTrue(ran.err().contains("generate, run"), ran.err());
  }

  @Test
  void hiddenCommandsAreNotShown() {
    assertTrue(!run("--help").out().contains("rehearse"));
  }

  @Test
  void completionKnowsCommandsAndTheirOptions() {
    String script = run("completion").out();

    assertTrue(script.contains("plugins"), "no commands");
    assertTrue(script.contains("--no-fallback"), "no options");
  }

  @Test
  void eachKindHasAnExitCodeOfItsOwn() {
    Set<Integer> codes = new HashSet<>(Set.of(ExitCode.OK, ExitCode.NOT_OK));
    Arrays.stream(ErrorKind.values()).map(ExitCode::of).forEach(codes::add);

    assertEquals(2 + ErrorKind.values().length, codes.size());
  }

  private Ran run(String... arguments) {
    return new Session(home, _ -> {}).run(arguments);
  }
}
