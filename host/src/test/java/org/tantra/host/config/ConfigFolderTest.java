package org.tantra.host.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigFolderTest {
  @TempDir Path folder;

  private void write(String id, String yaml) throws IOException {
    Files.writeString(folder.resolve(id + ".yaml"), yaml);
  }

  @Test
  void modelWithoutFileHasDefaults() {
    ModelConfig config = new ConfigFolder(folder).model("gpt2");

    assertNull(config.fallbacks());
    assertNull(config.checkpoint());
  }

  @Test
  void changedFileIsPickedUp() throws IOException {
    ConfigFolder configs = new ConfigFolder(folder);
    write("gpt2", "fallbacks: [text-lite]\n");
    assertEquals(List.of("text-lite"), configs.model("gpt2").fallbacks());

    write("gpt2", "fallbacks: [distilgpt2, text-lite]\n");

    assertEquals(List.of("distilgpt2", "text-lite"), configs.model("gpt2").fallbacks());
  }

  @Test
  void unchangedFileIsNotReadAgain() throws IOException {
    ConfigFolder configs = new ConfigFolder(folder);
    write("gpt2", "fallbacks: []\n");

    assertSame(configs.model("gpt2"), configs.model("gpt2"));
  }

  @Test
  void wrongChangeKeepsTheLastGoodSettingsAndIsReported() throws IOException {
    ConfigFolder configs = new ConfigFolder(folder);
    write("gpt2", "fallbacks: [text-lite]\n");
    configs.model("gpt2");

    write("gpt2", "falbacks: [distilgpt2, text-lite]\n");

    assertEquals(List.of("text-lite"), configs.model("gpt2").fallbacks());
    assertEquals(
        "Config/gpt2.yaml has 1 problem. Line 1: unknown key 'falbacks', did you mean 'fallbacks'?",
        configs.problems().get("gpt2"));
  }

  @Test
  void fileThatWasNeverRightLeavesTheDefaultsAndIsReported() throws IOException {
    write("gpt2", "fallbacks: gpt2\n");
    ConfigFolder configs = new ConfigFolder(folder);

    assertNull(configs.model("gpt2").fallbacks());
    assertEquals(
        "Config/gpt2.yaml has 1 problem. Line 1, fallbacks: must be a list of texts.",
        configs.problems().get("gpt2"));
  }

  @Test
  void valueThatContainsItselfIsReported() throws IOException {
    write("gpt2", "model: &m {inner: *m}\n");

    String problem = String.valueOf(new ConfigFolder(folder).problems().get("gpt2"));
    assertTrue(problem.contains("contains itself"), problem);
  }

  @Test
  void modelSectionIsThePluginsOwn() throws IOException {
    write("mamba", "model: {d_model: 512, quantization_bits: 8}\n");

    ModelConfig config = new ConfigFolder(folder).model("mamba");

    assertEquals(512, config.settings().section("model").integer("d_model"));
  }

  @Test
  void hostFileIsNoModel() throws IOException {
    write("host", "");
    write("gpt2", "");

    assertEquals(Set.of("gpt2"), new ConfigFolder(folder).ids());
  }
}
