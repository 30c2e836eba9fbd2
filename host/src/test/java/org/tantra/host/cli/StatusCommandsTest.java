package org.tantra.host.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.host.cli.Session.Ran;
import org.tantra.host.registry.PluginStatus;
import org.tantra.host.resolve.ModelStatus;

final class StatusCommandsTest {
  @TempDir private Path home = Path.of("");

  private static void twoModels(FakeHost host) {
    host.model("gpt2", ModelStatus.State.UNAVAILABLE, "no weights", "gpt2", "text-lite");
    host.model("text-lite", ModelStatus.State.LOADABLE, "", "text-lite");
  }

  @Test
  void modelsShowStateAndStandIns() {
    Ran ran = new Session(home, StatusCommandsTest::twoModels).run("models");

    assertEquals(
        """
        MODEL      STATE        TASKS  PLUGIN      STAND-INS
        gpt2       unavailable  text   -           text-lite  no weights
        text-lite  loadable     text   fake 1.2.0             Title of text-lite
        """,
        ran.out());
  }

  @Test
  void modelsAsJson() throws IOException {
    JsonNode first =
        new Session(home, StatusCommandsTest::twoModels)
            .run("models", "--json")
            .json()
            .path("models")
            .path(0);

    assertEquals("gpt2", first.path("id").asText());
    assertEquals("unavailable", first.path("state").asText());
    assertEquals("text-lite", first.path("chain").path(1).asText());
  }

  @Test
  void explainWalksTheChain() {
    Ran ran = new Session(home, StatusCommandsTest::twoModels).run("explain", "gpt2");

    assertEquals(
        """
            CANDIDATE  STATE        PLUGIN
        1.  gpt2       unavailable  -           no weights
        2.  text-lite  loadable     fake 1.2.0
        """,
        ran.out());
  }

  @Test
  void explainOfAnUnknownModelNamesTheNearest() {
    Ran ran = new Session(home, StatusCommandsTest::twoModels).run("explain", "gpt3");

    assertEquals(new Ran(3, "", "tantra: There is no model 'gpt3'. Did you mean 'gpt2'?\n"), ran);
  }

  @Test
  void parityIsGoodOnlyIfEveryOutputIsInside() throws IOException {
    Finding inside = new Finding("logits", 1e-6, 2e-6, true, "exact");
    Finding outside = new Finding("hidden", 1, Double.NaN, false, "exact");

    Ran good = new Session(home, host -> host.findings = List.of(inside)).run("parity", "case");
    Session both = new Session(home, host -> host.findings = List.of(inside, outside));

    assertEquals(0, good.exitCode());
    assertEquals(
        """
        CASE  OUTPUT  MAX ABS   MAX REL   TOLERANCE
        case  logits  1.00e-06  2.00e-06  exact      ok
        """,
        good.out());
    assertEquals(1, both.run("parity", "case").exitCode());
    JsonNode document = both.run("parity", "case", "--json").json();
    assertEquals(false, document.path("ok").asBoolean(true));
    assertEquals(
        "NaN", document.path("cases").path(0).path("outputs").path(1).path("max_rel").asText());
  }

  @Test
  void parityWithoutFindingsIsNoSuccess() {
    assertEquals(1, new Session(home, _ -> {}).run("parity", "case").exitCode());
  }

  @Test
  void psWithoutAServingHostSaysHowToStartOne() {
    Ran ran = new Session(home, _ -> {}).run("ps");

    assertEquals(3, ran.exitCode());
    assertTrue(ran.err().contains("tantra serve"), ran.err());
  }

  @Test
  void doctorGoesThroughMachineHomeAndPlugins() {
    Ran ran =
        new Session(
                home,
                host -> {
                  twoModels(host);
                  host.plugin("lite.jar", "lite", PluginStatus.State.ACTIVE, "");
                })
            .run("doctor");

    assertEquals(0, ran.exitCode(), ran.out());
    for (String subject :
        List.of("java", "cores", "memory", "vector", "folder", "config", "plugin", "model")) {
      assertTrue(ran.out().contains("  " + subject), subject + " is missing in\n" + ran.out());
    }
    assertTrue(
        ran.out().contains("warn  model           gpt2: unavailable, no weights"), ran.out());
  }

  @Test
  void doctorFailsForAPluginThatFailed() throws IOException {
    Ran ran =
        new Session(
                home,
                host -> host.plugin("x.jar", "x", PluginStatus.State.FAILED, "needs SPI >=2.0.0"))
            .run("doctor", "--json");

    assertEquals(1, ran.exitCode());
    assertEquals(false, ran.json().path("ok").asBoolean(true));
    assertTrue(ran.out().contains("needs SPI >=2.0.0"), ran.out());
  }

  @Test
  void doctorReportsConfigurationThatKeepsTheHostFromStarting() throws IOException {
    Files.createDirectories(home.resolve("Config"));
    Files.writeString(home.resolve("Config/host.yaml"), "http:\n  prt: 1\n");
    Session session = new Session(home, _ -> {});

    Ran ran = session.run("doctor");

    assertEquals(1, ran.exitCode());
    assertTrue(ran.out().contains("did you mean 'http.port'?"), ran.out());
    assertEquals(List.of(), session.opened);
  }
}
