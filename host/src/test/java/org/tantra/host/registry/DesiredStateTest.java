package org.tantra.host.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.registry.DesiredState.Choice;

final class DesiredStateTest {
  @TempDir Path folder;

  private DesiredState open() {
    return new DesiredState(file());
  }

  private Path file() {
    return folder.resolve("run/plugins.json");
  }

  @Test
  void nothingIsWantedSpeciallyAtFirst() {
    assertEquals(Choice.DEFAULT, open().of("a"));
    assertFalse(Files.exists(file()));
  }

  @Test
  void choicesSurviveARestart() {
    DesiredState first = open();
    first.disable("a");
    first.pin("b", "1.0.0");
    first.reload("b");
    first.reload("b");

    DesiredState second = open();
    assertEquals(new Choice(true, null, 0), second.of("a"));
    assertEquals(new Choice(false, "1.0.0", 2), second.of("b"));
  }

  @Test
  void fileIsSmallAndReadable() throws IOException {
    DesiredState state = open();
    state.disable("a");
    state.reload("b");

    assertEquals(
        "{ \"plugins\" : { \"a\" : { \"disabled\" : true }, \"b\" : { \"reloads\" : 1 } } }",
        Files.readString(file()).replaceAll("\\s+", " "));
  }

  @Test
  void defaultChoicesAreNotKept() throws IOException {
    DesiredState state = open();
    state.disable("a");
    state.enable("a");

    assertEquals("{ \"plugins\" : { } }", Files.readString(file()).replaceAll("\\s+", " "));
  }

  @Test
  void refreshSeesWhatAnotherProcessWrote() {
    DesiredState mine = open();
    DesiredState other = open();
    other.disable("a");
    assertFalse(mine.of("a").disabled());

    mine.refresh();
    assertTrue(mine.of("a").disabled());
  }

  @Test
  void changesOfTwoWritersBothStay() throws InterruptedException {
    List<Thread> writers = new ArrayList<>();
    for (String id : List.of("a", "b")) {
      DesiredState state = open();
      writers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 20; i++) {
                      state.reload(id);
                    }
                  }));
    }
    for (Thread writer : writers) {
      writer.join();
    }
    assertEquals(20, open().of("a").reloads());
    assertEquals(20, open().of("b").reloads());
  }

  @Test
  void brokenFileKeepsWhatWasKnownAndRefusesChanges() throws IOException {
    DesiredState state = open();
    state.disable("a");
    Files.writeString(file(), "{\"plugins\": {\"a\": {\"disabledd\": true}}}");

    state.refresh();
    assertTrue(state.of("a").disabled());

    TantraException e = assertThrows(TantraException.class, () -> state.enable("a"));
    assertEquals(ErrorKind.CORRUPT, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains("disabledd"), e::getMessage);
  }
}
