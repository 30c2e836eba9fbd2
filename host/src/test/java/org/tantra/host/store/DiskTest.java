package org.tantra.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Disks that are full or may not be written: a small file system in memory, which only root may
/// mount.
final class DiskTest {
  @TempDir Path folder;
  private StoreHome home;
  private boolean mounted;

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said.strip());
    }
  }

  @BeforeEach
  void mount() throws InterruptedException {
    try {
      run("mount", "-t", "tmpfs", "-o", "size=256k", "tantra-test", folder.toString());
    } catch (IOException e) {
      abort("No small disk can be mounted here, which takes root on Linux: " + e.getMessage());
    }
    mounted = true;
    home = new StoreHome(folder);
    home.save("mamba", "v1", 1);
    home.save("mamba", "v2", 2);
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    if (mounted) {
      run("umount", folder.toString());
    }
  }

  private TantraException failure(Runnable work) {
    return assertThrows(TantraException.class, work::run);
  }

  private void assertNothingLost() throws IOException {
    assertEquals("mamba_v1_safetensors", home.active("mamba"));
    for (WeightEntry entry : home.store.listWeights()) {
      assertTrue(home.store.validate(entry.modelType(), entry.version()).valid(), entry.toString());
    }
    List<String> leftovers = new ArrayList<>();
    for (Path place : List.of(folder.resolve("Model"), home.weights())) {
      StoreFolder.files(place).stream()
          .map(file -> file.getFileName().toString())
          .filter(StagedFile::isLeftover)
          .forEach(leftovers::add);
    }
    assertEquals(List.of(), leftovers);
  }

  /// Leaves not a byte.
  private void fillUp() throws IOException {
    Path filler = folder.resolve("filler");
    int step = 64 << 10;
    try (var out = Files.newOutputStream(filler)) {
      while (step > 0) {
        try {
          out.write(new byte[step]);
        } catch (IOException _) {
          step /= 2;
        }
      }
    }
  }

  @Test
  void savingUntilTheDiskIsFullLosesNothing() throws IOException {
    TantraException full =
        failure(
            () -> {
              for (int i = 3; i < 1000; i++) {
                home.store.saveWeights(
                    SimplePlugins.weights(64, i), "mamba", null, "v" + i, null, "bin");
              }
            });

    assertEquals(ErrorKind.EXHAUSTED, full.kind());
    assertTrue(full.getMessage().contains("the disk is full"), full.getMessage());
    assertNothingLost();
    home.store.cleanup("mamba", 1, false);
    home.save("mamba", "v1001", 5);
  }

  @Test
  void fullDiskLeavesTheRegistryAsItWas() throws IOException {
    String before = Files.readString(home.registry());
    fillUp();

    for (Runnable work :
        List.<Runnable>of(
            () -> home.store.setActive("mamba", "v2"),
            () -> home.store.backup("mamba", null),
            () -> home.save("mamba", "v3", 3))) {
      TantraException full = failure(work);
      assertEquals(ErrorKind.EXHAUSTED, full.kind(), full.getMessage());
    }

    assertEquals(before, Files.readString(home.registry()));
    assertNothingLost();
    Files.delete(folder.resolve("filler"));
    assertEquals("v2", home.store.setActive("mamba", "v2").entry().version());
  }

  @Test
  void readOnlyFolderIsReadAndRefusesChanges() throws Exception {
    run("mount", "-o", "remount,ro", folder.toString());

    assertNothingLost();
    for (Runnable work :
        List.<Runnable>of(
            () -> home.store.setActive("mamba", "v2"),
            () -> home.store.backup("mamba", null),
            () -> home.store.cleanup("mamba", 0, false),
            () -> home.save("mamba", "v3", 3))) {
      TantraException refused = failure(work);
      assertEquals(ErrorKind.INVALID, refused.kind(), refused.getMessage());
      assertTrue(refused.getMessage().contains("cannot be written"), refused.getMessage());
    }
  }

  @Test
  void damagedRegistryOfAReadOnlyFolderIsUnderstoodAllTheSame() throws Exception {
    Files.writeString(home.registry(), "{");
    run("mount", "-o", "remount,ro", folder.toString());

    assertEquals("mamba_v1_safetensors", home.active("mamba"));
    assertEquals(2, home.names().size());
  }
}
