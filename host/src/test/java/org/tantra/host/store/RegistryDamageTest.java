package org.tantra.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Registries that were damaged from outside.
final class RegistryDamageTest {
  @TempDir Path folder;
  private StoreHome home;

  @BeforeEach
  void fill() {
    home = new StoreHome(folder);
    home.save("mamba", "v1", 1);
    home.save("mamba", "v2", 2);
    home.store.setActive("mamba", "v2");
    home.save("tantra", "v1", 3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{\"weights\": 1}",
        "{\"weights\": {\"a\": 1}}",
        "{\"weights\": {\"a\": {}}}",
        "{\"weights\": {}} trailing",
        "{\"weights\": {}, \"weights\": {}}",
        "\0\0\0\0\0\0\0\0"
      })
  void damagedRegistryIsRebuiltFromTheLastGoodCopy(String damage) throws IOException {
    Files.writeString(home.registry(), damage);

    assertEquals("mamba_v2_safetensors", home.active("mamba"));
    assertEquals(3, home.names().size());
    assertTrue(home.store.validate("mamba", null).valid());
    assertEquals(damage, Files.readString(kept()));
  }

  private Path kept() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("Model"))) {
      return files
          .filter(file -> file.getFileName().toString().contains(".damaged-"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void everyTruncationIsRebuilt() throws IOException {
    byte[] whole = Files.readAllBytes(home.registry());
    for (int length = 0; length < whole.length - 1; length += 61) {
      Files.write(home.registry(), Arrays.copyOf(whole, length));
      assertEquals("mamba_v2_safetensors", home.active("mamba"), "cut at " + length);
    }
  }

  @Test
  void withoutAGoodCopyTheFilesSayWhatThereIsAndTheNewestIsActive() throws IOException {
    Files.writeString(home.registry(), "{");
    Files.writeString(folder.resolve("Model/.weight_config.good.json"), "{");
    Files.setLastModifiedTime(
        home.weights().resolve("mamba_v1_safetensors.safetensors"), FileTime.fromMillis(0));

    assertEquals(
        List.of("mamba_v1_safetensors", "mamba_v2_safetensors", "tantra_v1_safetensors"),
        home.names());
    assertEquals("mamba_v2_safetensors", home.active("mamba"));
    assertEquals("tantra_v1_safetensors", home.active("tantra"));
  }

  @Test
  void lostRegistryComesBack() throws IOException {
    Files.delete(home.registry());

    assertEquals("mamba_v2_safetensors", home.active("mamba"));
    assertTrue(Files.exists(home.registry()));
  }

  @Test
  void replacementThatACrashInterruptedIsSettled() throws IOException {
    WeightEntry before = home.store.weight("mamba", "v1");
    WeightEntry next = new StoreHome(folder.resolve("other")).save("mamba", "v1", 7);
    RegistryContent content = RegistryJson.parse(Files.readAllBytes(home.registry()));
    Files.write(
        home.registry(),
        RegistryJson.text(content.with(Reconciliation.replacing(before, next)), "now"));

    assertTrue(home.store.validate("mamba", "v1").valid(), "the old file is still there");

    Files.copy(
        folder.resolve("other/Model/weights/mamba_v1_safetensors.safetensors"),
        home.weights().resolve("mamba_v1_safetensors.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);

    assertTrue(home.store.validate("mamba", "v1").valid(), "the new file is there");
    assertEquals(next.sha256(), home.store.weight("mamba", "v1").sha256());
  }
}
