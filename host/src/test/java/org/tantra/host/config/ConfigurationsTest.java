package org.tantra.host.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// A type's file over its plugin's defaults.
final class ConfigurationsTest {
  @TempDir Path folder;

  private Configurations configs() {
    return new Configurations(new ConfigFolder(folder), folder, new OneType());
  }

  private void write(String yaml) throws IOException {
    Files.writeString(folder.resolve("reader.yaml"), yaml);
  }

  @Test
  void typeWithoutFileHasItsPluginsDefaults() {
    Configurations configs = configs();

    assertEquals(512, configs.config("reader").section("model").integer("d_model"));
    assertEquals(256, configs.config("reader").section("serve").integer("max_tokens"));
    assertEquals(ServeConfig.DEFAULTS, configs.serveConfig("reader"));
    assertEquals(ServeConfig.UNSET, configs.serving("reader"));
  }

  @Test
  void fileGoesOverDefaultsAndKeepsExtras() throws IOException {
    write(
        """
        model: {d_model: 64, num_experts: 8, mystery: [1, 2]}
        paths: {checkpoint: Model/reader.pt, checkpoints: Model/checkpoints}
        train: {batch_size: 4, learning_rate: 0.001, scheduler: cosine}
        serve: {temperature: 0, generate_timeout_ms: 1500, batch_window: 3}
        """);
    Configurations configs = configs();

    Settings model = configs.config("reader").section("model");
    assertEquals(64, model.integer("d_model"));
    assertEquals(8, model.integer("n_layers"));
    assertEquals(List.of(1, 2), model.list("mystery"));
    assertEquals(
        List.of("d_model", "num_experts", "mystery", "audio", "n_layers", "z_last"),
        List.copyOf(model.keys()),
        "first as the file has them, then by name");
    assertEquals(List.of("bands", "hop", "rate"), List.copyOf(model.section("audio").keys()));
    assertEquals("Model/reader.pt", configs.paths("reader").text("checkpoint"));
    assertEquals("cosine", configs.trainingConfig("reader").text("scheduler"));
    assertEquals(0.0, configs.serveConfig("reader").temperature());
    assertEquals(Duration.ofMillis(1500), configs.serveConfig("reader").generateTimeout());
    assertEquals(256, configs.serveConfig("reader").maxTokens());
    assertNull(configs.serving("reader").maxTokens());
  }

  @Test
  void allProblemsAreToldAtOnceWithLineAndHint() throws IOException {
    write(
        """
        model:
          d_model: wide
          dropout: 1.5
        serve:
          max_token: 5
          quantization: int8
          top_p: 2
        train:
          batch_size: 0
        """);

    TantraException e = assertThrows(TantraException.class, () -> configs().config("reader"));

    assertEquals(ErrorKind.INVALID, e.kind());
    assertEquals(
        "Config/reader.yaml has 6 problems. "
            + "Line 2, model.d_model: 'wide' must be a whole number. "
            + "Line 3, model.dropout: 1.5 is outside 0.0..1.0. "
            + "Line 9, train.batch_size: 0 is outside 1..16777216. "
            + "Line 6, serve.quantization: 'int8' must be one of [none, bf16, int8_dynamic, q8_0,"
            + " q4_0]. "
            + "Line 7, serve.top_p: 2 is outside 0.0..1.0. "
            + "Line 5: unknown key 'serve.max_token', did you mean 'serve.max_tokens'?",
        e.getMessage());
  }

  @Test
  void wrongChangeChangesNothing() throws IOException {
    Configurations configs = configs();
    write("serve: {max_tokens: 9}\n");
    assertEquals(9, configs.serving("reader").maxTokens());

    write("serve: {max_tokens: none at all}\n");

    assertEquals(9, configs.serving("reader").maxTokens());
    assertEquals(9, configs.config("reader").section("serve").integer("max_tokens"));
  }

  @Test
  void createdFileIsReadBackAsWritten() throws IOException {
    Configurations configs = configs();

    Path file = configs.createModelConfig("reader", Map.of("d_model", 96, "extra", "yes"), false);

    assertEquals(folder.resolve("reader.yaml"), file);
    assertEquals(96, configs.config("reader").section("model").integer("d_model"));
    assertEquals(8, configs.config("reader").section("model").integer("n_layers"));
    assertEquals("yes", configs.config("reader").section("model").text("extra"));
    assertEquals(ServeConfig.DEFAULTS, configs.serving("reader"));
    TantraException again =
        assertThrows(
            TantraException.class,
            () -> configs.createModelConfig("reader", Map.of("d_model", 32), false));
    assertTrue(String.valueOf(again.getMessage()).contains("--force"), again.getMessage());
    configs.createModelConfig("reader", Map.of("d_model", 32), true);
    assertEquals(32, configs.config("reader").section("model").integer("d_model"));
  }

  @Test
  void whatThePluginCannotRunIsNotWritten() {
    TantraException odd =
        assertThrows(
            TantraException.class,
            () -> configs().createModelConfig("reader", Map.of("d_model", 33), false));
    assertEquals("Config/reader.yaml: d_model 33 is odd.", odd.getMessage());
    assertThrows(
        TantraException.class,
        () -> configs().createModelConfig("reader", Map.of("n_layers", 0), false));
    assertFalse(Files.exists(folder.resolve("reader.yaml")));
  }

  @Test
  void unknownTypeIsToldWithTheNearest() {
    TantraException e = assertThrows(TantraException.class, () -> configs().config("raeder"));
    assertEquals(ErrorKind.NOT_FOUND, e.kind());
    assertEquals("There is no model type 'raeder'. Did you mean 'reader'?", e.getMessage());
    assertThrows(TantraException.class, () -> configs().paths("../reader"));
    assertEquals(ServeConfig.UNSET, configs().serving("../reader"));
  }

  /// A plugin whose networks have an even width.
  private record OneType() implements Configurations.Types {
    @Override
    public Set<String> ids() {
      return Set.of("reader");
    }

    @Override
    public Map<String, Object> completed(String type, Map<String, Object> stated) {
      if (!type.equals("reader")) {
        throw new TantraException(ErrorKind.NOT_FOUND, "There is no '" + type + "'.");
      }
      Map<String, Object> all =
          new HashMap<>(
              Map.of(
                  "d_model",
                  512,
                  "z_last",
                  1,
                  "n_layers",
                  8,
                  "audio",
                  Map.of("rate", 16, "hop", 1, "bands", 80)));
      all.putAll(stated);
      return all;
    }

    @Override
    public void check(String type, Settings model) {
      if (model.integer("d_model") % 2 == 1) {
        throw new TantraException(
            ErrorKind.INVALID,
            "%s: d_model %d is odd.".formatted(model.origin(), model.integer("d_model")));
      }
    }
  }
}
