package org.tantra.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;

/// A registry and files as the earlier system left them, used with no manual step.
final class OldRegistryTest {
  @TempDir Path folder;
  private StoreHome home;
  private WeightStore store;

  @BeforeEach
  void leaveOldFiles() throws IOException {
    home = new StoreHome(folder);
    store = home.store;
    Path pt = home.leave("Model/weights/mamba_v1.0_pt.pt", 1);
    Path bin = home.leave("Model/weights/mamba_v1.0_bin.bin", 1.5f);
    Path tantra = home.leave("Model/weights/Tantra_v1.0.pt", 3);
    Files.writeString(
        home.registry(),
        """
        {
          "weights": {
            "mamba_v1.0_pt": {
              "name": "mamba_v1.0_pt",
              "path": "/workspace/Model/weights/mamba_v1.0_pt.pt",
              "size_mb": 0.0,
              "created_at": "2024-03-01T10:20:30.123456",
              "model_type": "mamba",
              "version": "v1.0",
              "checksum": "%s",
              "is_active": true,
              "trained_steps": 12000,
              "loss": 0.123456789012345678901
            },
            "mamba_v1.0_bin": {
              "name": "mamba_v1.0_bin",
              "path": "C:\\\\tantra\\\\Model\\\\weights\\\\mamba_v1.0_bin.bin",
              "size_mb": 0.0,
              "created_at": "2024-03-02T10:20:30",
              "model_type": "mamba",
              "version": "v1.0",
              "checksum": "%s",
              "is_active": false
            },
            "Tantra_v1.0": {
              "name": "Tantra_v1.0",
              "path": "/workspace/Model/weights/Tantra_v1.0.pt",
              "size_mb": 0.0,
              "created_at": "2024-03-03T10:20:30",
              "model_type": "tantra",
              "version": "v1.0",
              "checksum": "%s",
              "is_active": true
            }
          },
          "last_updated": "2024-03-03T10:20:31",
          "schema": {"by": "weight_manager.py", "revision": 3}
        }
        """
            .formatted(StoreHome.md5(pt), StoreHome.md5(bin), StoreHome.md5(tantra)));
  }

  @Test
  void weightsAreListedAndFoundByFileName() {
    assertEquals(List.of("Tantra_v1.0", "mamba_v1.0_bin", "mamba_v1.0_pt"), home.names());
    assertEquals(home.weights().resolve("mamba_v1.0_pt.pt"), store.weightPath("mamba", null));
    assertEquals(home.weights().resolve("Tantra_v1.0.pt"), store.weightPath("tantra", null));
    assertEquals(
        home.weights().resolve("mamba_v1.0_bin.bin"),
        store.file(store.weight("mamba_v1.0_bin")).orElseThrow());
  }

  @Test
  void md5IsVerifiedAsMd5() throws IOException {
    Validation sound = store.validate("mamba", null);
    assertEquals(List.of(), sound.problems());
    assertEquals("md5", sound.checksum());

    home.leave("Model/weights/mamba_v1.0_pt.pt", 2);

    Validation changed = store.validate("mamba", null);
    assertTrue(changed.problems().getFirst().contains("md5"), changed.problems().toString());
    assertEquals("differs", changed.checksum());
  }

  @Test
  void weightIsActivatedByNameAndRolledBack() {
    store.setActive("mamba_v1.0_bin");
    assertEquals("mamba_v1.0_bin", home.active("mamba"));

    store.rollback("mamba");
    assertEquals("mamba_v1.0_pt", home.active("mamba"));
  }

  @Test
  void unknownFieldsSurviveEveryRewrite() throws IOException {
    store.setActive("mamba_v1.0_bin");
    store.backup("mamba", null);
    home.save("mamba", "v2.0", 5);

    String text = Files.readString(home.registry());
    JsonNode root = new ObjectMapper().readTree(text);
    JsonNode old = root.path("weights").path("mamba_v1.0_pt");
    assertEquals(12000, old.path("trained_steps").asInt());
    assertTrue(text.contains("0.123456789012345678901"), text);
    assertEquals("weight_manager.py", root.path("schema").path("by").asText());
    assertEquals("/workspace/Model/weights/mamba_v1.0_pt.pt", old.path("path").asText());
    assertFalse(root.path("last_updated").asText().startsWith("2024-03-03"));
  }

  @Test
  void backupOfAnOldWeightComesBack() throws IOException {
    Backup backup = store.backup("tantra", null);
    Files.delete(store.weightPath("tantra", null));

    store.restore(backup.name(), false, Progress.NONE, Cancellation.NEVER);

    assertTrue(store.validate("tantra", null).valid());
    assertEquals("Tantra_v1.0", home.active("tantra"));
  }

  @Test
  void backupWithoutAnEntryIsUnderstoodByItsName() throws IOException {
    home.leave("Model/backups/mamba_v0.9_pt_20240301_102030.pt", 9);

    Backup old =
        store.backups().stream()
            .filter(it -> it.name().startsWith("mamba_v0.9"))
            .findFirst()
            .orElseThrow();
    store.restore(old.name(), true, Progress.NONE, Cancellation.NEVER);

    assertEquals("mamba_v0.9_pt", home.active("mamba"));
    assertEquals("v0.9", store.weight("mamba", null).version());
  }

  @Test
  void singleFilesMigrateOnceWithABackup() throws IOException {
    home.leave("Model/tantra_weights.safetensors", 4);
    home.leave("Model/tantra_multimodal_weights.safetensors", 5);

    List<String> steps = store.migrate(Progress.NONE, Cancellation.NEVER);

    assertTrue(Files.exists(home.weights().resolve("mamba_migrated.safetensors")));
    assertTrue(Files.exists(home.weights().resolve("mamba_multimodal_migrated.safetensors")));
    assertFalse(Files.exists(folder.resolve("Model/tantra_weights.safetensors")));
    assertEquals("migrated", store.weight("mamba", "migrated").version());
    assertEquals("mamba_v1.0_pt", home.active("mamba"), "what was chosen stays");
    assertEquals("mamba_multimodal_migrated", home.active("mamba_multimodal"));
    assertTrue(store.validate("mamba", "migrated").valid());
    assertEquals(2, store.backups().size());
    assertTrue(steps.stream().anyMatch(it -> it.contains("mamba_migrated")), steps.toString());
    assertEquals(
        "Model/weights/mamba_v1.0_pt.pt", store.weight("mamba_v1.0_pt").path(), "path of here");
    assertEquals(List.of(), store.migrate(Progress.NONE, Cancellation.NEVER), "done again");
  }

  @Test
  void entryOfASingleFileGivesWayToThatOfItsSuccessor() throws IOException {
    home.leave("Model/tantra_weights.safetensors", 4);
    Files.writeString(
        home.registry(),
        """
        {"weights": {"tantra_weights": {"name": "tantra_weights", "model_type": "mamba",
          "path": "/workspace/Model/tantra_weights.safetensors", "version": "1", "is_active": true}}}
        """);

    store.migrate(Progress.NONE, Cancellation.NEVER);

    assertEquals("mamba_migrated", home.active("mamba"));
    assertFalse(home.names().contains("tantra_weights"));
  }

  @Test
  void fileWithoutAnEntryIsListedAndMayBecomeActive() throws IOException {
    home.leave("Model/weights/mamba_multimodal_v2.1_npz.npz", 6);

    WeightEntry found = store.weight("mamba_multimodal_v2.1_npz");
    assertEquals("mamba_multimodal", found.modelType());
    assertEquals("v2.1", found.version());

    store.setActive("mamba_multimodal", "v2.1");
    assertEquals("recorded", store.validate("mamba_multimodal", null).checksum());
    assertEquals("sha256", store.validate("mamba_multimodal", null).checksum());
  }
}
