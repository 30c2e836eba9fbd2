package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.Cancellation;
import org.tantra.host.Host;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.store.WeightEntry;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.Conversion;

/// What `weights generate --size config` writes loads, in whichever of a plugin's layouts
/// `Config/<type>.yaml` states its sizes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConfiguredWeightsTest {
  private Installation installation;

  @BeforeAll
  void start(@TempDir Path home) throws IOException {
    Installation.fill(home, List.of("mamba", "spikingbrain", "longvita", "whisper", "safetensors"));
    installation = Installation.start(home, "pf4j");
  }

  @AfterAll
  void stop() {
    installation.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mamba | {d_model: 16, n_layers: 1, vocab_size: 40}
          mamba | {hidden_size: 16, num_hidden_layers: 1, vocab_size: 40}
          mamba | {d_model: 16, n_layer: 1, vocab_size: 40}
          mamba | {model_type: mamba2, hidden_size: 16, num_hidden_layers: 1, vocab_size: 40, num_heads: 4, head_dim: 8, n_groups: 2}
          spikingbrain | {n_embd: 16, n_layer: 1, n_head: 2}
          spikingbrain | {model_type: gla_swa, vocab_size: 50, hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, intermediate_size: 24, gate_low_rank_dim: 3}
          longvita | {hidden_size: 32, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 48, image_size: 28}
          longvita | {model_type: long_vita, hidden_size: 24, visual: {hidden_size: 32, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 48, image_size: 28, patch_size: 14}}
          whisper | {d_model: 64, encoder_layers: 1, decoder_layers: 1, encoder_attention_heads: 1, decoder_attention_heads: 1, encoder_ffn_dim: 64, decoder_ffn_dim: 64, vocab_size: 1864}
          whisper | {n_mels: 80, n_audio_ctx: 1500, n_audio_state: 64, n_audio_head: 1, n_audio_layer: 1, n_vocab: 1864, n_text_ctx: 448, n_text_state: 64, n_text_head: 1, n_text_layer: 1}
          """)
  void generatedWeightsLoad(String type, String stated) throws IOException {
    Files.writeString(
        installation.home().resolve("Config").resolve(type + ".yaml"), "model: " + stated + "\n");
    Host host = installation.host();
    Map<String, Object> config = host.configs().config(type).section("model").asMap();

    WeightEntry entry =
        host.store()
            .save(
                host.weights().generator().weights(type, config, 3),
                new WeightStore.Saving(type, null, "v1.0", null, "safetensors", true, "seed 3"),
                Conversion.Listener.NONE,
                Cancellation.NEVER);
    var _ = host.store().setActive(entry.name());
    host.unload(type);
    ModelStatus loaded = host.load(type);

    assertEquals(ModelStatus.State.READY, loaded.state());
    assertEquals(entry.parameters(), loaded.parameters());
  }
}
