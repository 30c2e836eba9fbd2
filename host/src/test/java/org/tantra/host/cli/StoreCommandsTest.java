package org.tantra.host.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.host.store.SimplePlugins;
import org.tantra.host.store.WeightStore;

/// The verbs of the weight store.
final class StoreCommandsTest {
  @TempDir Path home;
  private Session session;
  private WeightStore store;

  @BeforeEach
  void fill() {
    session = new Session(home, _ -> {});
    store = new WeightStore(home, new SimplePlugins(), InstantSource.system());
    for (int i = 1; i <= 3; i++) {
      store.saveWeights(SimplePlugins.weights(4, i), "mamba", null, "v" + i, null, "pt");
    }
  }

  private String ran(String... arguments) {
    Session.Ran ran = session.run(arguments);
    assertEquals(0, ran.exitCode(), ran.err());
    return ran.out();
  }

  private JsonNode json(String... arguments) throws IOException {
    Session.Ran ran = session.run(arguments);
    assertEquals(0, ran.exitCode(), ran.err());
    return ran.json();
  }

  @Test
  void listMarksTheActiveOne() {
    String list = ran("list-weights");

    assertTrue(list.contains("*  mamba_v1_pt  mamba  v1"), list);
    assertTrue(list.contains("   mamba_v2_pt  mamba  v2"), list);
    assertEquals(list, ran("weights", "list-weights"));
  }

  @Test
  void listAsJsonUsesTheNamesOfTheRegistry() throws IOException {
    JsonNode first = json("list-weights", "mamba", "--json").path("weights").path(0);

    assertEquals("mamba_v1_pt", first.path("name").asText());
    assertEquals("mamba", first.path("model_type").asText());
    assertTrue(first.path("is_active").asBoolean());
    assertEquals(32, first.path("checksum").asText().length());
    assertFalse(first.path("missing").asBoolean());
  }

  @Test
  void weightIsActivatedByNameOrByTypeAndVersionAndRolledBack() throws IOException {
    assertEquals(
        "mamba_v2_pt is now the active weight of mamba; before it was mamba_v1_pt.\n",
        ran("set-active", "mamba", "v2"));
    JsonNode third = json("set-active", "mamba_v3_pt", "--json");
    assertEquals("mamba_v2_pt", third.path("previous").asText());
    assertEquals(
        "mamba_v2_pt",
        json("weights", "rollback", "mamba", "--json").path("active").path("name").asText());
  }

  @Test
  void unknownVersionIsNotFoundWithAHint() throws IOException {
    Session.Ran ran = session.run("set-active", "mamba", "v9", "--json");

    assertEquals(3, ran.exitCode());
    assertEquals("not_found", ran.json().path("error").path("kind").asText());
    assertTrue(ran.err().contains("has no version 'v9'"), ran.err());
  }

  @Test
  void backupIsListedAndRestored() throws IOException {
    String name = json("backup", "mamba", "--json").path("backup").path("name").asText();
    Files.delete(store.weightPath("mamba", null));

    assertTrue(ran("restore").contains(name));
    assertEquals("mamba_v1_pt is back and active.\n", ran("restore", name));
  }

  @Test
  void cleanupListsWhatGoesAndMayOnlyListIt() throws IOException {
    JsonNode dry = json("cleanup", "mamba", "--keep", "1", "--dry-run", "--json");
    assertEquals("mamba_v2_pt", dry.path("removed").path(0).path("name").asText());
    assertEquals(3, store.listWeights().size());

    String said = ran("cleanup", "mamba", "--keep", "1");

    assertTrue(said.startsWith("weight mamba_v2_pt will be deleted"), said);
    assertEquals(2, store.listWeights().size());
  }

  @Test
  void validationTellsByItsExitCode() throws IOException {
    assertTrue(ran("validate", "mamba", "--version", "v2").contains("mamba_v2_pt is valid"));
    Files.write(store.weightPath("mamba", "v2"), new byte[100]);

    Session.Ran ran = session.run("validate", "mamba_v2_pt", "--json");

    assertEquals(1, ran.exitCode());
    assertFalse(ran.json().path("valid").asBoolean());
    assertEquals("differs", ran.json().path("checksum").asText());
    assertEquals(1, session.run("verify").exitCode());
  }

  @Test
  void fileGoesInAndOut() throws IOException {
    Path out = home.resolve("out.pt");
    ran("export", "mamba", out.toString());

    String said = ran("import", out.toString(), "--type", "tantra", "--version", "v7");

    assertEquals("tantra_v7_pt is in the store and active.\n", said);
    assertTrue(ran("history", "tantra").contains("import"));
  }

  @Test
  void nothingToMigrateIsSaid() {
    assertEquals("There was nothing to migrate.\n", ran("migrate"));
    assertTrue(ran("gc").startsWith("0 gone"));
  }
}
