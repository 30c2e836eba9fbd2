package org.tantra.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.weights.Conversion;

/// The store's operations on its own registry.
final class WeightStoreTest {
  @TempDir Path folder;
  private StoreHome home;
  private WeightStore store;

  @BeforeEach
  void open() {
    home = new StoreHome(folder);
    store = home.store;
  }

  @Test
  void savedWeightHasItsNamePlaceAndChecksums() throws IOException {
    WeightEntry entry = home.save("mamba", "v1.0", 1);

    Path file = home.weights().resolve("mamba_v1.0_safetensors.safetensors");
    assertEquals("mamba_v1.0_safetensors", entry.name());
    assertEquals("Model/weights/mamba_v1.0_safetensors.safetensors", entry.path());
    assertEquals(file, store.weightPath("mamba", "v1.0"));
    assertEquals(StoreHome.md5(file), entry.checksum());
    assertEquals(Files.size(file), entry.bytes());
    assertEquals(20, entry.parameters());
    assertEquals("simple", home.said(entry.name()).get("format"));
  }

  @Test
  void firstOfATypeIsActiveAndLaterOnesAreNot() {
    home.save("mamba", "v1.0", 1);
    home.save("mamba", "v2.0", 2);

    assertEquals("mamba_v1.0_safetensors", home.active("mamba"));
  }

  @Test
  void firstOfATypeIsNotActiveWhileTheTypeHasAFolder() throws IOException {
    Files.createDirectories(folder.resolve("Model/mamba"));

    assertFalse(home.save("mamba", "v1.0", 1).active());
  }

  @Test
  void loadedWeightsAreThoseThatWereSaved() {
    home.save("mamba", "v1.0", 1);
    home.save("mamba", "v2.0", 2);

    try (StorePlugins.Opened opened = store.loadWeights("mamba", "v2.0");
        Arena scratch = Arena.ofConfined()) {
      TensorView bias = opened.weights().tensor("layers.0.bias", scratch);
      assertEquals(2, bias.memory().get(TensorView.F32, 0));
    }
  }

  @Test
  void settingActiveChangesOnlyItsType() {
    home.save("mamba", "v1.0", 1);
    home.save("mamba", "v2.0", 2);
    home.save("tantra", "v1.0", 3);

    WeightStore.Activation done = store.setActive("mamba", "v2.0");

    assertEquals("mamba_v2.0_safetensors", done.entry().name());
    assertEquals("mamba_v1.0_safetensors", Objects.requireNonNull(done.previous()).name());
    assertEquals("mamba_v2.0_safetensors", home.active("mamba"));
    assertEquals("tantra_v1.0_safetensors", home.active("tantra"));
  }

  @Test
  void severalRollbacksGoFurtherBack() {
    home.save("mamba", "v1", 1);
    home.save("mamba", "v2", 2);
    home.save("mamba", "v3", 3);
    store.setActive("mamba", "v2");
    store.setActive("mamba_v3_safetensors");

    assertEquals("v2", store.rollback("mamba").entry().version());
    assertEquals("v1", store.rollback("mamba").entry().version());
    TantraException end = assertThrows(TantraException.class, () -> store.rollback("mamba"));
    assertEquals(ErrorKind.NOT_FOUND, end.kind());
    assertTrue(end.getMessage().contains("nothing to roll 'mamba' back to"), end.getMessage());
  }

  @Test
  void unknownNamesGetTheNearestOne() {
    home.save("mamba", "v1.0", 1);

    assertTrue(failure(() -> store.setActive("manba", "v1.0")).contains("Did you mean 'mamba'?"));
    assertTrue(failure(() -> store.setActive("mamba", "v1.1")).contains("Did you mean 'v1.0'?"));
    assertTrue(
        failure(() -> store.setActive("mamba_v1.0_safetensor"))
            .contains("Did you mean 'mamba_v1.0_safetensors'?"));
    assertTrue(failure(() -> store.validate("nobody", null)).contains("There is: mamba."));
  }

  private static String failure(Runnable work) {
    return String.valueOf(assertThrows(TantraException.class, work::run).getMessage());
  }

  @Test
  void versionsThatAreThereAreNotOverwritten() {
    home.save("mamba", "v1.0", 1);

    String message = failure(() -> home.save("mamba", "v1.0", 2));

    assertTrue(message.contains("is there already"), message);
    assertEquals(List.of(), store.validate("mamba", "v1.0").problems());
  }

  @Test
  void replacedWeightIsWholeAndKeepsItsPlace() {
    home.save("mamba", "v1.0", 1);
    var saving =
        new WeightStore.Saving("mamba", null, "v1.0", null, "safetensors", true, "training");

    store.save(SimplePlugins.weights(4, 9), saving, Conversion.Listener.NONE, Cancellation.NEVER);

    assertTrue(store.weight("mamba", null).active());
    assertTrue(store.validate("mamba", null).valid());
    assertEquals("training", store.weight("mamba", null).source());
  }

  @Test
  void namesCannotLeaveTheFolder() {
    for (String evil : List.of("../../x", "a/b", "a\\b", "", "..", ".hidden", "a\0b")) {
      String message = failure(() -> home.save("mamba", evil, 1));
      assertTrue(message.contains("cannot be part of a file name"), message);
    }
  }

  @Test
  void backupComesBackAfterTheFileWasLost() throws IOException {
    home.save("mamba", "v1.0", 1);
    Backup backup = store.backup("mamba", null);
    Files.delete(store.weightPath("mamba", null));

    WeightStore.Restored restored =
        store.restore(backup.name(), false, Progress.NONE, Cancellation.NEVER);

    assertEquals("mamba_v1.0_safetensors", restored.entry().name());
    assertTrue(restored.entry().active());
    assertTrue(store.validate("mamba", null).valid());
  }

  @Test
  void restoringSavesWhatIsThere() throws IOException {
    home.save("mamba", "v1.0", 1);
    store.backup("mamba", null);
    Path file = store.weightPath("mamba", null);
    byte[] damaged = Files.readAllBytes(file);
    damaged[damaged.length - 1] ^= 1;
    Files.write(file, damaged);

    WeightStore.Restored restored =
        store.restore("mamba_v1.0_safetensors", false, Progress.NONE, Cancellation.NEVER);

    assertTrue(store.validate("mamba", null).valid());
    Optional<Backup> saved = restored.saved();
    assertEquals(-1, Arrays.mismatch(damaged, Files.readAllBytes(saved.get().file())));
  }

  @Test
  void damagedWeightIsNotBackedUp() throws IOException {
    home.save("mamba", "v1.0", 1);
    Path file = store.weightPath("mamba", null);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    TantraException refused =
        assertThrows(TantraException.class, () -> store.backup("mamba", null));

    assertEquals(ErrorKind.CORRUPT, refused.kind());
    assertTrue(refused.getMessage().contains("sha256"), refused.getMessage());
    assertEquals(List.of(), store.backups());
  }

  @Test
  void cleanupKeepsTheNewestAndTheActiveOne() {
    for (int i = 1; i <= 5; i++) {
      home.save("mamba", "v" + i, i);
    }

    List<String> announced = names(store.cleanup("mamba", 2, true));
    assertEquals(5, home.names().size());
    List<String> gone = names(store.cleanup("mamba", 2, false));

    assertEquals(List.of("mamba_v3_safetensors", "mamba_v2_safetensors"), announced);
    assertEquals(announced, gone);
    assertEquals(
        List.of("mamba_v1_safetensors", "mamba_v4_safetensors", "mamba_v5_safetensors"),
        home.names());
    assertFalse(Files.exists(home.weights().resolve("mamba_v2_safetensors.safetensors")));
  }

  private static List<String> names(List<Removal> removals) {
    return removals.stream().map(Removal::name).toList();
  }

  @Test
  void equalFilesAreStoredOnce() throws IOException {
    home.save("mamba", "v1.0", 1);
    home.save("mamba", "v2.0", 1);

    assertEquals(
        Files.readAttributes(store.weightPath("mamba", "v1.0"), BasicFileAttributes.class)
            .fileKey(),
        Files.readAttributes(store.weightPath("mamba", "v2.0"), BasicFileAttributes.class)
            .fileKey());
    Backup backup = store.backup("mamba", "v1.0");
    Files.write(store.weightPath("mamba", "v1.0"), new byte[] {1});
    assertTrue(backup.bytes() == Files.size(backup.file()));
  }

  @Test
  void configBesideAnImportedFileGoesWithIt() throws IOException {
    Path source = home.leave("elsewhere/model.bin", 7);
    Files.writeString(source.resolveSibling("config.json"), "{\"hidden\": 4}");
    var importing = new WeightStore.Importing("mamba", null, "v3", null, null, false);

    WeightEntry entry = store.importWeights(source, importing, Progress.NONE, Cancellation.NEVER);

    assertEquals("mamba_v3_bin", entry.name());
    assertTrue(Files.exists(home.weights().resolve("mamba_v3_bin.config.json")));
    assertEquals("mamba_v3_bin.config.json", store.validate("mamba", "v3").config());
  }

  @Test
  void exportedFileIsChecked() throws IOException {
    home.save("mamba", "v1.0", 1);
    WeightEntry entry = store.weight("mamba", null);
    Path out = Files.createDirectories(folder.resolve("out"));

    Path file = store.exportWeights(entry, out, Progress.NONE, Cancellation.NEVER);
    Files.write(store.weightPath("mamba", null), new byte[] {1});

    assertEquals(StoreHome.md5(file), entry.checksum());
    assertThrows(
        TantraException.class,
        () -> store.exportWeights(entry, out.resolve("again"), Progress.NONE, Cancellation.NEVER));
    assertFalse(Files.exists(out.resolve("again")));
  }

  @Test
  void historySaysWhatWasDone() {
    home.save("mamba", "v1", 1);
    home.save("mamba", "v2", 2);
    store.setActive("mamba", "v2");
    store.rollback("mamba");

    assertEquals(
        List.of("rollback", "set-active", "save", "set-active", "save"),
        store.history("mamba").stream().map(WeightEvent::operation).toList());
    assertEquals("mamba_v2_safetensors", store.history(null).getFirst().previous());
  }

  @Test
  void verifyFindsWhatHasChangedAndWhatIsGone() throws IOException {
    home.save("mamba", "v1", 1);
    home.save("mamba", "v2", 2);
    home.save("mamba", "v3", 3);
    home.leave("Model/weights/mamba_v4_pt.pt", 4);
    Files.write(store.weightPath("mamba", "v1"), new byte[100]);
    Files.delete(store.weightPath("mamba", "v2"));

    List<Scrub> scrubs = store.verify(Progress.NONE, Cancellation.NEVER);

    assertEquals(
        List.of(Scrub.State.DIFFERS, Scrub.State.MISSING, Scrub.State.SOUND, Scrub.State.RECORDED),
        scrubs.stream().map(Scrub::state).toList());
    assertNotNull(store.weight("mamba_v4_pt").sha256());
  }

  @Test
  void gcTakesLeftoversAndLostEntries() throws IOException {
    home.save("mamba", "v1", 1);
    home.save("mamba", "v2", 2);
    Files.delete(store.weightPath("mamba", "v2"));
    Path old = home.weights().resolve(".mamba_v9.bin.abc.tmp");
    Path fresh = home.weights().resolve(".mamba_v8.bin.abc.tmp");
    Files.write(old, new byte[10]);
    Files.setLastModifiedTime(old, FileTime.fromMillis(0));
    Files.write(fresh, new byte[10]);
    Files.setLastModifiedTime(fresh, FileTime.from(Instant.parse("2024-05-01T12:00:00Z")));

    List<Removal> removals = store.gc(false);

    assertEquals(List.of("leftover", "entry"), removals.stream().map(Removal::what).toList());
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(fresh));
    assertEquals(List.of("mamba_v1_safetensors"), home.names());
  }
}
