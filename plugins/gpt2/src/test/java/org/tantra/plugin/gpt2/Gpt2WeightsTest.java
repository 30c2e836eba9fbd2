package org.tantra.plugin.gpt2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.WeightForm;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.text.LoadedNetwork;
import org.tantra.nn.text.Session;

/// Checkpoints that are not what they should be.
final class Gpt2WeightsTest {
  @Test
  void missingWeightIsNamed() {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").without("h.1.mlp.c_fc.bias")) {
      assertFails(ErrorKind.CORRUPT, "Weight 'h.1.mlp.c_fc.bias' is missing", golden);
    }
  }

  @Test
  void misshapenWeightShowsBothShapes() {
    try (GoldenCase golden =
        GoldenCase.of("gpt2-tiny").with("ln_f.bias", TensorView.of(new float[41], 41))) {
      assertFails(
          ErrorKind.CORRUPT,
          "Weight 'ln_f.bias' has shape [41], config.json asks for [40].",
          golden);
    }
  }

  @Test
  void configOfAnotherSizeIsNoticed() {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").with("n_embd", 80)) {
      assertFails(
          ErrorKind.CORRUPT,
          "Weight 'wte.weight' has shape [199, 40], config.json asks for [199, 80].",
          golden);
    }
  }

  @Test
  void innerWidthIsHonoured() {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").with("n_inner", 120)) {
      assertFails(ErrorKind.CORRUPT, "config.json asks for [40, 120]", golden);
    }
  }

  @Test
  void integerWeightsAreUnsupported() {
    TensorView bytes = new TensorView(DType.I8, Shape.of(40), MemorySegment.ofArray(new byte[40]));
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").with("ln_f.bias", bytes)) {
      assertFails(ErrorKind.UNSUPPORTED, "Weight 'ln_f.bias' is stored as I8", golden);
    }
  }

  @Test
  void untiedHeadMustBeThere() {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").with("tie_word_embeddings", false)) {
      assertFails(ErrorKind.CORRUPT, "Weight 'lm_head.weight' is missing", golden);
    }
  }

  @Test
  void untiedHeadIsUsed() {
    try (GoldenCase golden =
            GoldenCase.of("gpt2-tiny")
                .with("tie_word_embeddings", false)
                .with("lm_head.weight", TensorView.of(new float[199 * 40], 199, 40));
        LoadedNetwork<GptNetwork> loaded = golden.load();
        Session session = loaded.network().begin()) {
      float[] logits = session.append(new int[] {1}, Cancellation.NEVER);
      assertEquals(0, logits[7]);
    }
  }

  @Test
  void doublesAreRoundedToF32() {
    try (GoldenCase plain = GoldenCase.of("gpt2-tiny");
        GoldenCase wide = GoldenCase.of("gpt2-tiny")) {
      for (String name : List.of("wte.weight", "h.0.mlp.c_fc.weight", "ln_f.bias")) {
        wide.with(name, doubles(plain.weights().tensor(name, Arena.ofAuto())));
      }
      assertArrayEquals(logits(plain), logits(wide));
    }
  }

  private static TensorView doubles(TensorView narrow) {
    double[] values = new double[Math.toIntExact(narrow.shape().elements())];
    Arrays.setAll(values, i -> narrow.floatAt(i) + 1e-12 * narrow.floatAt(i));
    return new TensorView(DType.F64, narrow.shape(), MemorySegment.ofArray(values));
  }

  private static float[] logits(GoldenCase golden) {
    try (LoadedNetwork<GptNetwork> loaded = golden.load();
        Session session = loaded.network().begin()) {
      return session.append(new int[] {1, 2}, Cancellation.NEVER).clone();
    }
  }

  @ParameterizedTest
  @CsvSource({"BF16, 0.2", "Q8_0, 0.2", "Q4_0, 2"})
  void roundedWeightsComeClose(WeightForm form, float bound) {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny");
        LoadedNetwork<GptNetwork> exact = golden.load();
        LoadedNetwork<GptNetwork> rounded = golden.load(form);
        Session session = rounded.network().begin()) {
      float[] logits = session.append(new int[] {1, 2}, Cancellation.NEVER);
      assertArrayEquals(logits(golden), logits, bound);
      assertTrue(rounded.residentBytes() < exact.residentBytes());
    }
  }

  @Test
  void severalTokensMayEndAText() {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").with("eos_token_id", List.of(7, 9, 500));
        LoadedNetwork<GptNetwork> loaded = golden.load()) {
      assertEquals(Set.of(7, 9), loaded.network().config().endIds());
    }
  }

  @Test
  void impossibleConfigurationsAreCorrupt() {
    Map<String, Object> bad = new LinkedHashMap<>();
    bad.put("n_head", 7);
    bad.put("n_layer", 0);
    bad.put("vocab_size", -1);
    bad.put("n_positions", "forty");
    bad.put("layer_norm_epsilon", 0);
    bad.forEach(
        (key, value) -> {
          try (GoldenCase golden = GoldenCase.of("gpt2-tiny").with(key, value)) {
            assertFails(ErrorKind.CORRUPT, key, golden);
          }
        });
  }

  @Test
  void whatTheNetworkLacksIsUnsupported() {
    try (GoldenCase golden =
        GoldenCase.of("gpt2-tiny").with("activation_function", "gelu_python_tanh2")) {
      assertFails(ErrorKind.UNSUPPORTED, "'gelu_python_tanh2'; this plugin knows gelu,", golden);
    }
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").with("model_type", "llama")) {
      assertFails(ErrorKind.UNSUPPORTED, "'llama'", golden);
    }
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").with("add_cross_attention", true)) {
      assertFails(ErrorKind.UNSUPPORTED, "add_cross_attention", golden);
    }
  }

  @Test
  void tokenizerOfAnotherCheckpointIsCorrupt() {
    Map<String, Object> vocab = new LinkedHashMap<>();
    for (int value = 0; value < 256; value++) {
      vocab.put(GoldenCase.spelling(value), value);
    }
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny").withTokenizer(vocab, "#version: 0.2\n")) {
      assertFails(ErrorKind.CORRUPT, "has token ids up to 255", golden);
    }
  }

  @Test
  void checkpointWithoutATokenizerSaysSoForTextOnly() {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny");
        LoadedNetwork<GptNetwork> loaded = golden.load()) {
      TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();
      TantraException e = assertThrows(TantraException.class, () -> text.tokenize("hello"));
      assertEquals(ErrorKind.INVALID, e.kind());
      assertTrue(String.valueOf(e.getMessage()).contains("vocab.json and merges.txt"));
    }
  }

  @Test
  void residentBytesAreWeightsAndCopies() {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny");
        LoadedNetwork<GptNetwork> loaded = golden.load()) {
      long weights =
          golden.weights().tensors().stream()
              .filter(tensor -> !tensor.name().endsWith(".attn.bias"))
              .mapToLong(tensor -> tensor.byteSize())
              .sum();
      long copies = 4L * (2 * 40 + 3 * (4 * 40 + 120 + 40 + 160 + 40));
      assertEquals(weights + copies, loaded.residentBytes());
    }
  }

  @Test
  void closingTwiceIsHarmless() {
    try (GoldenCase golden = GoldenCase.of("gpt2-tiny")) {
      LoadedNetwork<GptNetwork> loaded = golden.load();
      loaded.close();
      loaded.close();
    }
  }

  @Test
  void bothModelsNameTheirStandIns() {
    assertEquals(List.of("distilgpt2", "text-lite"), new Gpt2Model().info().fallbacks());
    assertEquals(List.of("text-lite"), new DistilGpt2Model().info().fallbacks());
    assertFalse(new Gpt2Model().info().needs().lowResource());
  }

  private static void assertFails(ErrorKind kind, String part, GoldenCase golden) {
    TantraException e = assertThrows(TantraException.class, golden::load);
    assertEquals(kind, e.kind(), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }
}
