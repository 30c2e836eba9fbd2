package org.tantra.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;

/// Processes that work on a store and are killed at random moments of every operation, and two that
/// work on one store at once. The full run: `mvn -Pcrash -pl host -am -Dtest=CrashTest
/// -Dsurefire.failIfNoSpecifiedTests=false package`.
final class CrashTest {
  private static final int KILLS = Integer.getInteger("tantra.kills", 7);
  private static final int MIXED = Integer.getInteger("tantra.mixed", 15);

  /// How long an operation may go on before it is killed; most take a few milliseconds.
  private static final int LONGEST_MICROS = 60_000;

  @TempDir Path home;

  private final long seed = new Random().nextLong();

  private Process child(String operation, long childSeed, int count) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            CrashChild.class.getName(),
            home.toString(),
            operation,
            Long.toString(childSeed),
            Integer.toString(count))
        .redirectErrorStream(true)
        .start();
  }

  private WeightStore store() {
    return new WeightStore(home, new SimplePlugins(), InstantSource.system());
  }

  private void fill() {
    WeightStore store = store();
    for (int i = 0; i < 3; i++) {
      store.saveWeights(SimplePlugins.weights(64, i), "mamba", null, "v" + i, null, "bin");
    }
    store.setActive("mamba", "v1");
    store.backup("mamba", "v0");
  }

  @Test
  void killedProcessesLeaveAStoreInOrder() throws Exception {
    fill();
    Random random = new Random(seed);
    List<String> operations = new ArrayList<>(CrashChild.OPERATIONS);
    Collections.shuffle(operations, random);
    Map<String, Integer> kills = new TreeMap<>();
    int unfinished = 0;
    for (int i = 0; i < KILLS; i++) {
      String operation = operations.get(i % operations.size());
      Process child = child(operation, random.nextLong(), Integer.MAX_VALUE);
      try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
        String first = out.readLine();
        assertEquals("ready", first, () -> "the child did not start; seed " + seed);
        if (child.waitFor(random.nextInt(LONGEST_MICROS), TimeUnit.MICROSECONDS)) {
          throw new AssertionError(
              operation + " ended by itself: " + out.lines().toList() + "; seed " + seed);
        }
        child.destroyForcibly();
        child.waitFor();
      }
      kills.merge(operation, 1, Integer::sum);
      unfinished += leftovers();
      assertInOrder(operation + ", kill " + i + ", seed " + seed, operation.equals("repair"));
      prune();
      if (i % 50 == 49) {
        System.out.printf("%d kills so far, all well%n", i + 1);
      }
    }
    System.out.printf(
        "%d kills %s; %d unfinished files seen, none under a visible name; %d weights, %d backups"
            + " at the end, all valid%n",
        KILLS, kills, unfinished, store().listWeights().size(), store().backups().size());
  }

  @Test
  void twoProcessesAtOnceEndWithARegistryThatAgreesWithTheFolder() throws Exception {
    fill();
    List<Process> children = List.of(child("mixed", seed, MIXED), child("mixed", seed + 1, MIXED));
    List<String> words = new ArrayList<>();
    for (Process child : children) {
      try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
        List<String> lines = out.lines().toList();
        assertEquals(0, child.waitFor(), () -> lines + "; seed " + seed);
        words.add(lines.getLast());
      }
    }
    assertInOrder("two processes, seed " + seed, false);
    System.out.printf(
        "2 processes with %d operations each: %s; %d weights, %d backups at the end, all valid%n",
        MIXED, words, store().listWeights().size(), store().backups().size());
  }

  /// Keeps the store small, so that looking through all of it stays quick.
  private void prune() throws IOException {
    var _ = store().cleanup("mamba", 8, false);
    for (Backup backup : store().backups().stream().skip(8).toList()) {
      Files.delete(backup.file());
    }
  }

  private int leftovers() throws IOException {
    int count = 0;
    for (Path folder : List.of(home.resolve("Model"), home.resolve("Model/weights"))) {
      for (Path file : StoreFolder.files(folder)) {
        if (StagedFile.isLeftover(file.getFileName().toString())) {
          count++;
          Files.delete(file); // so that each is counted once
        }
      }
    }
    return count;
  }

  /// The registry parses, the active weight is there and valid, every visible file is whole, and
  /// registry and folder agree.
  private void assertInOrder(String when, boolean mayBeDamaged) throws IOException {
    if (!mayBeDamaged) {
      RegistryContent content =
          RegistryJson.parse(Files.readAllBytes(home.resolve("Model/weight_config.json")));
      assertTrue(content.active("mamba").isPresent(), when);
    }
    WeightStore store = store();
    Validation active = store.validate("mamba", null);
    assertEquals(List.of(), active.problems(), when);
    for (WeightEntry entry : store.listWeights()) {
      Validation found = store.validate(entry, Progress.NONE, Cancellation.NEVER);
      assertEquals(List.of(), found.problems(), () -> when + ": " + entry);
    }
    List<String> registered =
        store.listWeights().stream().map(it -> WeightNames.fileName(it.path())).sorted().toList();
    List<String> files =
        new StoreFolder(home)
            .weightFiles().stream().map(file -> file.getFileName().toString()).sorted().toList();
    assertEquals(files, registered, when);
    for (Backup backup : store.backups()) {
      Checksums sums = Checksums.of(backup.file(), Progress.NONE, Cancellation.NEVER);
      assertTrue(Intake.same(backup.entry(), sums), () -> when + ": " + backup);
    }
  }
}
