package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCheck;
import org.tantra.api.Progress;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.store.Validation;
import org.tantra.host.store.WeightStore;
import org.tantra.testkit.SafetensorsFile;

/// The golden cases as GGUF files under llama.cpp's names, without any file beside them.
final class GgufModelsTest {
  @TempDir Path home;

  private static float[] floats(Map<String, TensorView> weights, String name) {
    return Objects.requireNonNull(weights.get(name), name).toFloats();
  }

  /// `[in, out]` to `[out, in]`.
  private static float[] turned(float[] values, int in, int out) {
    float[] turned = new float[values.length];
    for (int i = 0; i < in; i++) {
      for (int o = 0; o < out; o++) {
        turned[o * in + i] = values[i * out + o];
      }
    }
    return turned;
  }

  /// A vocabulary of bytes in GPT-2's spelling, as far as the model has ids, and two merges.
  private static void vocabulary(LlamaCppFile file, int tokens, int end) {
    List<String> texts = new ArrayList<>();
    List<Integer> types = new ArrayList<>();
    for (int id = 0; id < tokens; id++) {
      // The printable bytes first, which are spelled as themselves.
      texts.add(id < 94 ? String.valueOf((char) ('!' + id)) : "<extra" + id + ">");
      types.add(id < 94 ? 1 : 5);
    }
    texts.set(94, "\u0120");
    texts.set(95, "he");
    texts.set(96, "hel");
    types.set(94, 1);
    types.set(95, 1);
    types.set(96, 1);
    texts.set(end, "<|endoftext|>");
    types.set(end, 3);
    file.with("tokenizer.ggml.model", "gpt2")
        .with("tokenizer.ggml.pre", "gpt-2")
        .with("tokenizer.ggml.tokens", texts)
        .with("tokenizer.ggml.token_type", types)
        .with("tokenizer.ggml.merges", List.of("h e", "he l"))
        .with("tokenizer.ggml.eos_token_id", end);
  }

  private static void gpt2(Path golden, Path to) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      var weights = SafetensorsFile.map(golden.resolve("model.safetensors"), arena).views();
      int hidden = 40;
      int vocab = 199;
      LlamaCppFile file =
          new LlamaCppFile()
              .with("general.architecture", "gpt2")
              .with("general.name", "tiny")
              .with("gpt2.block_count", 3)
              .with("gpt2.context_length", 40)
              .with("gpt2.embedding_length", hidden)
              .with("gpt2.feed_forward_length", 4 * hidden)
              .with("gpt2.attention.head_count", 4)
              .with("gpt2.attention.layer_norm_epsilon", 1e-5);
      vocabulary(file, vocab, 198);
      file.with("token_embd.weight", floats(weights, "wte.weight"), vocab, hidden);
      file.with("position_embd.weight", floats(weights, "wpe.weight"), 40, hidden);
      for (int layer = 0; layer < 3; layer++) {
        String from = "h." + layer + ".";
        String at = "blk." + layer + ".";
        norm(file, weights, from + "ln_1", at + "attn_norm", hidden);
        map(file, weights, from + "attn.c_attn", at + "attn_qkv", hidden, 3 * hidden);
        map(file, weights, from + "attn.c_proj", at + "attn_output", hidden, hidden);
        norm(file, weights, from + "ln_2", at + "ffn_norm", hidden);
        map(file, weights, from + "mlp.c_fc", at + "ffn_up", hidden, 4 * hidden);
        map(file, weights, from + "mlp.c_proj", at + "ffn_down", 4 * hidden, hidden);
      }
      norm(file, weights, "ln_f", "output_norm", hidden);
      file.write(to);
    }
  }

  private static void norm(
      LlamaCppFile file, Map<String, TensorView> weights, String from, String to, int size) {
    file.with(to + ".weight", floats(weights, from + ".weight"), size);
    file.with(to + ".bias", floats(weights, from + ".bias"), size);
  }

  private static void map(
      LlamaCppFile file, Map<String, TensorView> weights, String from, String to, int in, int out) {
    file.with(to + ".weight", turned(floats(weights, from + ".weight"), in, out), out, in);
    file.with(to + ".bias", floats(weights, from + ".bias"), out);
  }

  /// How matrices are written.
  private enum Form {
    F32,
    /// In F32 the numbers that Q8_0 keeps.
    ROUNDED,
    Q8_0
  }

  private static void mamba(Path golden, Path to, Form form) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      var weights = SafetensorsFile.map(golden.resolve("model.safetensors"), arena).views();
      int hidden = 32;
      int inner = 64;
      LlamaCppFile file =
          new LlamaCppFile()
              .with("general.architecture", "mamba")
              .with("mamba.context_length", 1 << 20)
              .with("mamba.embedding_length", hidden)
              .with("mamba.feed_forward_length", 0)
              .with("mamba.attention.head_count", 0)
              .with("mamba.block_count", 3)
              .with("mamba.ssm.conv_kernel", 4)
              .with("mamba.ssm.inner_size", inner)
              .with("mamba.ssm.state_size", 16)
              .with("mamba.ssm.time_step_rank", 2)
              .with("mamba.ssm.dt_b_c_rms", false)
              .with("mamba.attention.layer_norm_rms_epsilon", 1e-5);
      vocabulary(file, 199, 0);
      matrix(file, "token_embd.weight", weights, "backbone.embeddings.weight", form, 199, hidden);
      for (int layer = 0; layer < 3; layer++) {
        String from = "backbone.layers." + layer + ".mixer.";
        String at = "blk." + layer + ".";
        file.with(
            at + "attn_norm.weight",
            floats(weights, "backbone.layers." + layer + ".norm.weight"),
            hidden);
        matrix(file, at + "ssm_in.weight", weights, from + "in_proj.weight", form, 128, hidden);
        file.with(at + "ssm_conv1d.weight", floats(weights, from + "conv1d.weight"), inner, 4);
        file.with(at + "ssm_conv1d.bias", floats(weights, from + "conv1d.bias"), inner);
        matrix(file, at + "ssm_x.weight", weights, from + "x_proj.weight", form, 34, inner);
        file.with(at + "ssm_dt.weight", floats(weights, from + "dt_proj.weight"), inner, 2);
        file.with(at + "ssm_dt.bias", floats(weights, from + "dt_proj.bias"), inner);
        float[] decay = floats(weights, from + "A_log");
        for (int i = 0; i < decay.length; i++) {
          decay[i] = (float) -Math.exp(decay[i]);
        }
        file.with(at + "ssm_a", decay, inner, 16);
        file.with(at + "ssm_d", floats(weights, from + "D"), inner);
        matrix(file, at + "ssm_out.weight", weights, from + "out_proj.weight", form, 32, inner);
      }
      file.with("output_norm.weight", floats(weights, "backbone.norm_f.weight"), hidden);
      file.write(to);
    }
  }

  private static void matrix(
      LlamaCppFile file,
      String to,
      Map<String, TensorView> weights,
      String from,
      Form form,
      int rows,
      int columns) {
    float[] values = floats(weights, from);
    LlamaCppFile _ =
        switch (form) {
          case F32 -> file.with(to, values, rows, columns);
          case ROUNDED -> file.with(to, LlamaCppFile.rounded(values), rows, columns);
          case Q8_0 -> file.withBlocks(to, values, rows, columns);
        };
  }

  /// A folder with what is expected, and nothing else but the file to come.
  private Path goldenCase(Path golden) throws IOException {
    Path folder = Files.createDirectories(home.resolve("case"));
    try (Stream<Path> files = Files.list(golden)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith("expected.")) {
          Files.copy(file, folder.resolve(file.getFileName()));
        }
      }
    }
    return folder;
  }

  private static Path mambaGolden() {
    return Installation.ROOT.resolve("plugins/mamba/src/test/resources/golden/mamba-tiny");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void gpt2AgreesWithTheReference(String runtime) throws IOException {
    Path golden = Installation.golden("gpt2-tiny");
    Path folder = goldenCase(golden);
    gpt2(golden, folder.resolve("model.gguf"));
    assertAgrees(runtime, "gpt2", folder);
  }

  @Test
  void mambaAgreesWithTheReference() throws IOException {
    Path folder = goldenCase(mambaGolden());
    mamba(mambaGolden(), folder.resolve("model.gguf"), Form.F32);
    assertAgrees("pf4j", "mamba", folder);
  }

  private void assertAgrees(String runtime, String plugin, Path folder) throws IOException {
    Installation.fill(home.resolve("home"), List.of(plugin, "gguf", "safetensors"));
    try (Installation installation = Installation.start(home.resolve("home"), runtime)) {
      List<ParityCheck.Finding> findings = installation.host().parity(folder);
      assertFalse(findings.isEmpty());
      for (ParityCheck.Finding finding : findings) {
        assertTrue(finding.within(), finding::toString);
        assertTrue(finding.maximumRelative() <= 1e-4, finding::toString);
      }
    }
  }

  /// Rounding costs this network of random numbers, whose states grow, much of its logits; the
  /// blocks must cost it just that.
  @Test
  void mambaInBlocksIsAsFarOffAsItsRoundedNumbers() throws IOException {
    Path folder = goldenCase(mambaGolden());
    Installation.fill(home.resolve("home"), List.of("mamba", "gguf", "safetensors"));
    try (Installation installation = Installation.start(home.resolve("home"), "pf4j")) {
      double rounded = logitsError(installation, folder, Form.ROUNDED);
      double blocks = logitsError(installation, folder, Form.Q8_0);
      System.out.printf("mamba-tiny: off by %.4f in Q8_0, %.4f rounded%n", blocks, rounded);
      assertTrue(rounded > 0.01, () -> "off by " + rounded);
      assertEquals(rounded, blocks, 0.05 * rounded);
    }
  }

  private static double logitsError(Installation installation, Path folder, Form form)
      throws IOException {
    mamba(mambaGolden(), folder.resolve("model.gguf"), form);
    return installation.host().parity(folder).stream()
        .filter(finding -> finding.output().equals("logits"))
        .findFirst()
        .orElseThrow()
        .maximumRelative();
  }

  @Test
  void importedFileIsValidAndAnswersText() throws Exception {
    Path home = this.home.resolve("home");
    Installation.fill(home, List.of("gpt2", "gguf", "safetensors"));
    Path file = this.home.resolve("gpt2.F32.gguf");
    gpt2(Installation.golden("gpt2-tiny"), file);
    try (Installation installation = Installation.start(home, "pf4j")) {
      WeightStore store = installation.host().store();
      WeightStore.Importing importing =
          new WeightStore.Importing("gpt2", null, "v1", true, null, false);
      String name = store.importWeights(file, importing, Progress.NONE, Cancellation.NEVER).name();
      Validation found = store.validate(store.weight(name), Progress.NONE, Cancellation.NEVER);
      assertEquals(List.of(), found.problems());
      assertEquals(List.of(), found.warnings());
      // "hel", "l", "o", the blank, "he": merged as the file says.
      String text = answer(installation, "\"hello he\"");
      assertTrue(text.contains("\"prompt_tokens\":5"), text);
      assertEquals(choices(text), choices(answer(installation, "[96, 75, 78, 94, 95]")));
    }
  }

  private static String answer(Installation installation, String prompt) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(installation.url() + "/v1/completions"))
                  .header("Content-Type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          """
                          {"model": "gpt2", "prompt": %s, "max_tokens": 5, "temperature": 0}\
                          """
                              .formatted(prompt)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(200, response.statusCode(), response.body());
      assertEquals("gpt2", response.headers().firstValue("X-Tantra-Model-Served").orElse("nobody"));
      return response.body();
    }
  }

  private static String choices(String answer) {
    return answer.replaceAll(".*(\"choices\".*?\\]).*", "$1");
  }
}
