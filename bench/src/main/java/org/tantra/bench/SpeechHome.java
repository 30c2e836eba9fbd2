package org.tantra.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tantra.api.Model;
import org.tantra.api.Settings;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.DType;
import org.tantra.plugin.coqui.CoquiModel;
import org.tantra.plugin.whisper.WhisperModel;

/// A home folder with a speech model of published size and random weights, so made that every run
/// takes as many steps as the longest real one.
final class SpeechHome {
  /// Tokens of text of the multilingual vocabulary; those behind them are special ones.
  private static final int WORDS = 50_257;

  /// Frames of the sentence that is spoken: 4 s.
  static final int FRAMES = 344;

  /// The model that warms the host up.
  static final String WARM = "whisper-tiny";

  private final Path home;

  SpeechHome(Path home) {
    this.home = home;
  }

  /// @param size of Whisper, or `coqui`
  void make(String size, DType dtype) throws IOException {
    if (size.equals("coqui")) {
      coqui(dtype);
    } else {
      whisper(size, dtype);
    }
  }

  private void whisper(String size, DType dtype) throws IOException {
    // Text tokens win against the sum of all timestamps, and nothing ends the text.
    List<RandomCheckpoint.Fixed> fixed =
        List.of(
            new RandomCheckpoint.Fixed("decoder.embed_tokens.weight", WORDS, 0),
            new RandomCheckpoint.Fixed("decoder.layer_norm.weight", 0, 20));
    Path folder = model("whisper", new WhisperModel(), size, dtype, fixed);
    StringBuilder ranks = new StringBuilder();
    for (int i = 0; i < WORDS; i++) {
      byte[] token = i < 256 ? new byte[] {(byte) i} : new byte[] {(byte) (i >> 8), (byte) i};
      ranks.append(Base64.getEncoder().encodeToString(token)).append(' ').append(i).append('\n');
    }
    Files.writeString(folder.resolve("multilingual.tiktoken"), ranks, US_ASCII);
    model(WARM, new WhisperModel(), "small", dtype, List.of());
    for (String model : List.of("whisper", WARM)) {
      config(
          model,
          "model: {compression_ratio_threshold: off, logprob_threshold: off, no_speech_threshold:"
              + " off}");
    }
  }

  /// Both networks of a voice, each at published size and tiny.
  private void coqui(DType dtype) throws IOException {
    List<RandomCheckpoint.Fixed> endless =
        List.of(new RandomCheckpoint.Fixed("decoder.stopnet.1.linear_layer.bias", 0, -1000));
    model("acoustic", new CoquiModel(), "full", dtype, endless);
    model("acoustic-tiny", new CoquiModel(), "small", dtype, endless);
    model("vocoder", new CoquiModel(), "vocoder", dtype, List.of());
    model("vocoder-tiny", new CoquiModel(), "vocoder-small", dtype, List.of());
  }

  /// Makes a voice of two networks, which is spoken with from the next loading on.
  void voice(String acoustic, String vocoder) throws IOException {
    config(
        "coqui_tts",
        "paths: {checkpoint: Model/%s, checkpoints: {vocoder: Model/%s}}"
            .formatted(acoustic, vocoder));
  }

  /// Bytes of a folder's weights.
  long weights(String folder) throws IOException {
    try (Stream<Path> all = Files.walk(home.resolve("Model").resolve(folder))) {
      long bytes = 0;
      for (Path file : all.filter(path -> path.toString().endsWith(".safetensors")).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  private Path model(
      String folder, Model model, String size, DType dtype, List<RandomCheckpoint.Fixed> fixed)
      throws IOException {
    Map<String, Object> config =
        new HashMap<>(requireNonNull(model.sizes().get(size), () -> "no size " + size));
    config.computeIfPresent("max_decoder_steps", (_, _) -> FRAMES);
    Path at = Files.createDirectories(home.resolve("Model").resolve(folder));
    WeightPlan plan = model.weightPlan(Settings.of(size, config)).orElseThrow();
    long bytes = RandomCheckpoint.write(at.resolve("model.safetensors"), plan, dtype, fixed);
    new ObjectMapper().writeValue(at.resolve("config.json").toFile(), config);
    System.out.printf(
        "%s %s: %.1f M parameters, %.1f MB in %s%n",
        folder, size, plan.parameters() / 1e6, bytes / 1e6, dtype);
    return at;
  }

  private void config(String model, String yaml) throws IOException {
    Path folder = Files.createDirectories(home.resolve("Config"));
    Files.writeString(folder.resolve(model + ".yaml"), yaml + "\n");
  }
}
