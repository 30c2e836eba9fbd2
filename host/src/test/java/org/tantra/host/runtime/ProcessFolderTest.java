package org.tantra.host.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessFolderTest {
  @TempDir Path run;

  @Test
  void twoHostsOfOneProcessDoNotShare() {
    try (ProcessFolder first = ProcessFolder.open(run);
        ProcessFolder second = ProcessFolder.open(run)) {
      assertNotEquals(first.path(), second.path());
      assertTrue(Files.isDirectory(first.path()));
      assertTrue(Files.isDirectory(second.path()));
    }
  }

  @Test
  void closingDeletesEverythingAndMayBeRepeated() throws IOException {
    ProcessFolder folder = ProcessFolder.open(run);
    Files.createDirectories(folder.path().resolve("felix/bundle0"));
    Files.writeString(folder.path().resolve("felix/bundle0/x"), "x");
    folder.close();
    folder.close();

    assertFalse(Files.exists(folder.path()));
  }

  @Test
  void leftoversOfDeadProcessesAreDeletedAndNothingElse() throws IOException {
    long startedAtTheEpoch = 0;
    Path sameIdStartedBefore =
        leftover(ProcessHandle.current().pid() + "-" + startedAtTheEpoch + "-1");
    Path deadId = leftover(Integer.MAX_VALUE + "-1-1");
    Path other = Files.createDirectory(run.resolve("logs"));

    try (ProcessFolder _ = ProcessFolder.open(run)) {
      assertFalse(Files.exists(sameIdStartedBefore));
      assertFalse(Files.exists(deadId));
      assertTrue(Files.exists(other));
    }
  }

  private Path leftover(String name) throws IOException {
    Path folder = Files.createDirectory(run.resolve("process-" + name));
    Files.writeString(folder.resolve("x.jar"), "x");
    return folder;
  }
}
