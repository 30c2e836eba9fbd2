package org.tantra.host.cli.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunFileTest {
  @TempDir private Path home = Path.of("");

  @Test
  void whatAnotherLivingProcessWroteIsRead() {
    RunFile run =
        new RunFile("127.0.0.1", 8088, other().pid(), other().info().startInstant().orElseThrow());
    run.write(home);

    assertEquals(Optional.of(run), RunFile.read(home));
  }

  @Test
  void fileWithTheIdOfThisProcessWasLeftByAnEarlierOne() {
    RunFile.here("127.0.0.1", 8088).write(home);

    assertEquals(Optional.empty(), RunFile.read(home));
  }

  @Test
  void fileOlderThanTheProcessWithItsIdCountsAsNone() {
    new RunFile("127.0.0.1", 8088, other().pid(), Instant.EPOCH).write(home);

    assertEquals(Optional.empty(), RunFile.read(home));
  }

  @Test
  void removedFileIsGone() {
    RunFile run = RunFile.here("127.0.0.1", 8088);
    run.write(home);
    run.remove(home);

    assertFalse(Files.exists(RunFile.in(home)));
  }

  @Test
  void anotherHostsFileStays() {
    RunFile.here("127.0.0.1", 8088).write(home);
    RunFile.here("127.0.0.1", 9099).remove(home);

    assertTrue(Files.exists(RunFile.in(home)));
  }

  @Test
  void fileOfADeadProcessCountsAsNone() {
    new RunFile("127.0.0.1", 8088, Long.MAX_VALUE, Instant.EPOCH).write(home);

    assertEquals(Optional.empty(), RunFile.read(home));
  }

  @Test
  void nonsenseCountsAsNone() throws IOException {
    Files.createDirectories(RunFile.in(home).getParent());
    Files.writeString(RunFile.in(home), "{\"port\": 80");

    assertEquals(Optional.empty(), RunFile.read(home));
  }

  /// A process that outlives the test: the one that started this.
  private static ProcessHandle other() {
    return ProcessHandle.current().parent().orElseThrow();
  }
}
