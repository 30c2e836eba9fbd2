package org.tantra.host.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.host.cli.Session.Ran;
import org.tantra.host.registry.PluginStatus;

final class PluginsCommandTest {
  @TempDir private Path home = Path.of("");
  @TempDir private Path elsewhere = Path.of("");

  @Test
  void listShowsEveryFileAndWhy() throws IOException {
    put("lite.jar");
    put("bad.jar");
    Ran ran = two().run("plugins", "list", "--json");

    assertEquals("lite", ran.json().path("plugins").path(0).path("id").asText());
    assertEquals("active", ran.json().path("plugins").path(0).path("state").asText());
    assertEquals("not a whole jar", ran.json().path("plugins").path(1).path("message").asText());
    assertTrue(two().run("plugins", "list").out().contains("Model gpt2"));
  }

  @Test
  void installCopiesTheFileAndTellsItsState() throws IOException {
    Path jar = Files.writeString(elsewhere.resolve("lite.jar"), "jar");
    Session session =
        new Session(home, host -> host.plugin("lite.jar", "lite", PluginStatus.State.ACTIVE, ""));

    assertEquals(
        new Ran(0, "lite 1.2.0 is active\n", ""),
        session.run("plugins", "install", jar.toString()));
    assertEquals("jar", Files.readString(home.resolve("plugins/lite.jar")));
    assertEquals(List.of("lite.jar"), names(home.resolve("plugins")));
  }

  @Test
  void installOfARejectedFileIsNoSuccess() throws IOException {
    Path jar = Files.writeString(elsewhere.resolve("bad.jar"), "jar");
    Session session =
        new Session(
            home, host -> host.plugin("bad.jar", "?", PluginStatus.State.REJECTED, "not a jar"));

    Ran ran = session.run("plugins", "install", jar.toString());

    assertEquals(new Ran(1, "? 1.2.0 is rejected: not a jar\n", ""), ran);
  }

  @Test
  void installNeedsAJarThatExists() throws IOException {
    Path text = Files.writeString(elsewhere.resolve("readme.txt"), "text");
    Session session = new Session(home, _ -> {});

    assertEquals(3, session.run("plugins", "install", "no-such.jar").exitCode());
    assertEquals(2, session.run("plugins", "install", text.toString()).exitCode());
    assertFalse(Files.exists(home.resolve("plugins")));
  }

  @Test
  void removeDeletesTheFile() throws IOException {
    put("lite.jar");
    put("bad.jar");

    assertEquals(new Ran(0, "lite 1.2.0 is removed\n", ""), two().run("plugins", "remove", "lite"));
    assertEquals(List.of("bad.jar"), names(home.resolve("plugins")));
  }

  @Test
  void removeTakesAFileNameForWhatHasNoId() throws IOException {
    put("lite.jar");
    put("bad.jar");

    assertEquals(new Ran(0, "bad.jar is removed\n", ""), two().run("plugins", "remove", "bad.jar"));
    assertEquals(List.of("lite.jar"), names(home.resolve("plugins")));
  }

  @Test
  void removeOfAnUnknownNameSuggestsTheFileThatHasNoId() throws IOException {
    put("lite.jar");
    put("bad.jar");
    Ran ran = two().run("plugins", "remove", "bat.jar");

    assertEquals(3, ran.exitCode());
    assertTrue(ran.err().contains("Did you mean 'bad.jar'?"), ran.err());
  }

  @Test
  void switchingNeedsAnId() throws IOException {
    put("lite.jar");
    put("bad.jar");
    Session session = two();

    assertEquals(3, session.run("plugins", "disable", "?").exitCode());
    assertEquals(List.of(), session.desired);
  }

  @Test
  void removeOfABundledPluginPointsToDisable() throws IOException {
    Path bundled = Files.writeString(elsewhere.resolve("lite.jar"), "jar");
    Session session =
        new Session(
            home, host -> host.plugin(bundled.toString(), "lite", PluginStatus.State.ACTIVE, ""));

    Ran ran = session.run("plugins", "remove", "lite");

    assertEquals(2, ran.exitCode());
    assertTrue(ran.err().contains("tantra plugins disable lite"), ran.err());
    assertTrue(Files.exists(bundled));
  }

  @Test
  void disableWritesTheWishAndWaitsForIt() throws IOException {
    put("lite.jar");
    Session session =
        new Session(home, host -> host.plugin("lite.jar", "lite", PluginStatus.State.DISABLED, ""));

    assertEquals(
        new Ran(0, "lite 1.2.0 is disabled\n", ""), session.run("plugins", "disable", "lite"));
    assertEquals(List.of("disable lite"), session.desired);
  }

  @Test
  void enableWritesTheWishAndWaitsForIt() throws IOException {
    put("lite.jar");
    put("bad.jar");
    Session session = two();

    assertEquals(0, session.run("plugins", "enable", "lite").exitCode());
    assertEquals(List.of("enable lite"), session.desired);
  }

  @Test
  void reloadWaitsForAnotherCopy() throws IOException {
    Ran ran = reloaded(host -> host.plugin("lite.jar", "lite", PluginStatus.State.ACTIVE, "", 8));

    assertEquals(new Ran(0, "lite 1.2.0 is active\n", ""), ran);
  }

  @Test
  void refusedReloadTellsWhyAndIsNoSuccess() throws IOException {
    Ran ran =
        reloaded(
            host ->
                host.plugin("lite.jar", "lite", PluginStatus.State.ACTIVE, "Not reloaded: no."));

    assertEquals(new Ran(1, "lite 1.2.0 is active: Not reloaded: no.\n", ""), ran);
  }

  @Test
  void reloadOfAPluginThatFailsTellsWhyAndIsNoSuccess() throws IOException {
    Ran ran = reloaded(host -> host.plugin("lite.jar", "lite", PluginStatus.State.FAILED, "no", 0));

    assertEquals(new Ran(1, "lite 1.2.0 is failed: no\n", ""), ran);
  }

  /// Reloads a running plugin.
  ///
  /// @param taken what the host makes of it
  private Ran reloaded(Consumer<FakeHost> taken) throws IOException {
    put("lite.jar");
    return new Session(
            home,
            host -> {
              host.plugin("lite.jar", "lite", PluginStatus.State.ACTIVE, "");
              host.onScan = () -> taken.accept(host);
            })
        .run("plugins", "reload", "lite");
  }

  @Test
  void unknownPluginNamesTheNearest() throws IOException {
    put("lite.jar");
    Ran ran = two().run("plugins", "disable", "light");

    assertEquals(3, ran.exitCode());
    assertTrue(ran.err().startsWith("tantra: There is no plugin 'light'."), ran.err());
  }

  private Session two() {
    return new Session(
        home,
        host -> {
          host.plugin("lite.jar", "lite", PluginStatus.State.ACTIVE, "");
          host.plugin("bad.jar", "?", PluginStatus.State.REJECTED, "not a whole jar");
        });
  }

  private void put(String name) throws IOException {
    Files.createDirectories(home.resolve("plugins"));
    Files.writeString(home.resolve("plugins").resolve(name), "jar");
  }

  private static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
