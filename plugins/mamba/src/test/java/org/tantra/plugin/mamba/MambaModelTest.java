package org.tantra.plugin.mamba;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ParityCheck;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRecognition;
import org.tantra.api.TextRequest;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.text.Session;
import org.tantra.testkit.GoldenCase;
import org.tantra.testkit.TwoThreads;

/// The extension, and checkpoints that are not what they should be.
final class MambaModelTest {
  private static final Prompt PROMPT = new Prompt.Tokens(List.of(5, 80, 33));

  @Test
  void extensionsAreDeclared() {
    assertTrue(
        ServiceLoader.load(Model.class).stream().anyMatch(p -> p.type() == MambaModel.class));
    assertTrue(
        ServiceLoader.load(ParityCheck.class).stream()
            .anyMatch(p -> p.type() == MambaParity.class));
    assertEquals(List.of("text-lite"), new MambaModel().info().fallbacks());
  }

  @Test
  void equalSeedsGiveEqualTokens() {
    try (GoldenCase golden = golden("mamba-tiny");
        LoadedModel loaded = new MambaModel().load(golden)) {
      TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();

      assertEquals(generate(text, 7), generate(text, 7));
      assertFalse(loaded.as(TextRecognition.class).isPresent());
    }
  }

  private static List<Integer> generate(TextGeneration text, long seed) {
    List<Integer> ids = new ArrayList<>();
    TextRequest request = TextRequest.of(PROMPT, 20).with(Sampling.DEFAULT.withSeed(seed));
    try (Generation generation = text.generate(request)) {
      for (var piece = generation.next(); piece.isPresent(); piece = generation.next()) {
        piece.get().tokens().forEach(token -> ids.add(token.id()));
      }
    }
    return ids;
  }

  @Test
  void cancellingEndsTheAnswerWithinOneToken() {
    try (GoldenCase golden = golden("mamba2-tiny");
        LoadedModel loaded = new MambaModel().load(golden);
        Generation generation =
            loaded
                .as(TextGeneration.class)
                .orElseThrow()
                .generate(TextRequest.of(PROMPT, 1000).with(Sampling.GREEDY))) {
      assertTrue(generation.next().isPresent());
      generation.cancel();

      assertTrue(generation.next().isEmpty());
      assertEquals(FinishReason.CANCELLED, generation.finishReason());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mamba-tiny", "mamba2-tiny"})
  void rowsThatAreCancelledLeaveTheOthersUndisturbed(String name) throws Exception {
    try (GoldenCase golden = golden(name);
        LoadedModel loaded = new MambaModel().load(golden.on(new TwoThreads()))) {
      TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();
      List<List<Integer>> alone = new ArrayList<>();
      List<FutureTask<List<Integer>>> together = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        long seed = i;
        alone.add(generate(text, seed));
        together.add(new FutureTask<>(() -> generate(text, seed)));
        together.add(new FutureTask<>(() -> generateAndCancel(text)));
      }
      together.forEach(run -> Thread.ofPlatform().start(run));
      for (int i = 0; i < 4; i++) {
        assertEquals(alone.get(i), together.get(2 * i).get());
        assertEquals(List.of(), together.get(2 * i + 1).get());
      }
    }
  }

  /// What comes after the third token, when the request is cancelled.
  private static List<Integer> generateAndCancel(TextGeneration text) {
    TextRequest request = TextRequest.of(PROMPT, 1000).with(Sampling.GREEDY);
    try (Generation generation = text.generate(request)) {
      for (int i = 0; i < 3; i++) {
        assertTrue(generation.next().isPresent());
      }
      generation.cancel();
      return generation.next().stream()
          .flatMap(piece -> piece.tokens().stream())
          .map(token -> token.id())
          .toList();
    }
  }

  @Test
  void contextIsThatOfTrainingUnlessConfigured() {
    try (GoldenCase golden = golden("mamba-tiny");
        LoadedModel usual = new MambaModel().load(golden);
        LoadedModel longer =
            new MambaModel().load(golden.withSetting("model", Map.of("max_seq_len", 9000)))) {
      TextGeneration text = usual.as(TextGeneration.class).orElseThrow();
      assertEquals(2048, text.contextTokens());
      assertEquals(9000, longer.as(TextGeneration.class).orElseThrow().contextTokens());

      TantraException e =
          assertThrows(TantraException.class, () -> text.generate(TextRequest.of(PROMPT, 2046)));
      assertEquals("context_length_exceeded", e.code());
    }
  }

  @Test
  void contextOfNothingIsInvalid() {
    try (GoldenCase golden = golden("mamba-tiny").withSetting("model", Map.of("max_seq_len", 0))) {
      assertRefused(ErrorKind.INVALID, "model.max_seq_len is 0", golden);
    }
  }

  @Test
  void textWithoutTokenizerFilesIsInvalid() {
    try (GoldenCase golden = golden("mamba-tiny");
        LoadedModel loaded = new MambaModel().load(golden)) {
      TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();

      TantraException e = assertThrows(TantraException.class, () -> text.tokenize("hello"));
      assertEquals(ErrorKind.INVALID, e.kind());
      assertTrue(
          String.valueOf(e.getMessage()).contains("'mamba-tiny' came without tokenizer.json"));
    }
  }

  @Test
  void residentBytesAreTheWeightsAndWhatWasCopied() {
    try (GoldenCase golden = golden("mamba-tiny");
        LoadedModel loaded = new MambaModel().load(golden)) {
      long weights = golden.weights().tensors().stream().mapToLong(t -> t.byteSize()).sum();
      assertTrue(loaded.residentBytes() > weights && loaded.residentBytes() < 2 * weights);
    }
  }

  @Test
  void secondCloseIsHarmless() {
    try (GoldenCase golden = golden("mamba-tiny")) {
      LoadedModel loaded = new MambaModel().load(golden);
      loaded.close();
      loaded.close();
    }
  }

  @Test
  void halfPrecisionWeightsComeCloseToTheirOriginals() {
    try (GoldenCase golden = golden("mamba-tiny");
        GoldenCase narrow = golden("mamba-tiny")) {
      for (var tensor : golden.weights().tensors()) {
        narrow.with(tensor.name(), bf16(golden.weight(tensor.name())));
      }
      try (MambaModel.Loaded wide = (MambaModel.Loaded) new MambaModel().load(golden);
          MambaModel.Loaded half = (MambaModel.Loaded) new MambaModel().load(narrow);
          Session one = wide.network().begin();
          Session other = half.network().begin()) {
        float[] expected = one.append(new int[] {5, 80, 33}, Cancellation.NEVER);
        float[] actual = other.append(new int[] {5, 80, 33}, Cancellation.NEVER);
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], actual[i], 0.2);
        }
        assertTrue(half.residentBytes() < wide.residentBytes());
      }
    }
  }

  private static TensorView bf16(TensorView view) {
    MemorySegment memory = MemorySegment.ofArray(new byte[(int) view.shape().elements() * 2]);
    for (long i = 0; i < view.shape().elements(); i++) {
      int bits = Float.floatToRawIntBits(view.floatAt(i));
      memory.set(TensorView.BITS16, i * 2, (short) ((bits + 0x8000) >>> 16));
    }
    return new TensorView(DType.BF16, view.shape(), memory);
  }

  @Test
  void missingWeightIsNamed() {
    try (GoldenCase golden = golden("mamba-tiny").without("backbone.layers.2.mixer.dt_proj.bias")) {
      assertRefused(ErrorKind.CORRUPT, "no weight 'backbone.layers.2.mixer.dt_proj.bias'", golden);
    }
  }

  @Test
  void misshapenWeightShowsBothShapes() {
    TensorView other = TensorView.of(new float[63], 63);
    try (GoldenCase golden = golden("mamba-tiny").with("backbone.layers.1.mixer.D", other)) {
      assertRefused(
          ErrorKind.CORRUPT, "shape [63], the rest of the checkpoint asks for [64]", golden);
    }
  }

  @Test
  void emptyWeightIsCorrupt() {
    TensorView none = TensorView.of(new float[0], 64, 1, 0);
    try (GoldenCase golden =
        golden("mamba-tiny").with("backbone.layers.0.mixer.conv1d.weight", none)) {
      assertRefused(ErrorKind.CORRUPT, "[64, 1, 0]", golden);
    }
  }

  @Test
  void integerWeightIsUnsupported() {
    TensorView bytes = new TensorView(DType.I8, Shape.of(64), MemorySegment.ofArray(new byte[64]));
    try (GoldenCase golden = golden("mamba-tiny").with("backbone.layers.1.mixer.D", bytes)) {
      assertRefused(ErrorKind.UNSUPPORTED, "is I8", golden);
    }
  }

  @Test
  void otherModelsAreUnsupported() {
    try (GoldenCase golden = golden("mamba-tiny").without("backbone.embeddings.weight")) {
      assertRefused(ErrorKind.UNSUPPORTED, "no Mamba in a known layout", golden);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mamba-tiny, hidden_size, 64, CORRUPT",
    "mamba-tiny, num_hidden_layers, 4, CORRUPT",
    "mamba-tiny, state_size, 8, CORRUPT",
    "mamba-tiny, conv_kernel, 3, CORRUPT",
    "mamba-tiny, time_step_rank, 3, CORRUPT",
    "mamba-tiny, vocab_size, 200, CORRUPT",
    "mamba-tiny, hidden_size, wide, CORRUPT",
    "mamba-ssm-tiny, vocab_size, 199, CORRUPT",
    "mamba2-tiny, n_groups, 3, CORRUPT",
    "mamba2-tiny, head_dim, 32, CORRUPT",
    "mamba2-tiny, hidden_act, gelu, UNSUPPORTED",
    "mamba-tiny, layer_norm_epsilon, 2, CORRUPT",
    "mamba-tiny, model_type, falcon_mamba, UNSUPPORTED",
    "mamba-tiny, use_bias, true, CORRUPT",
    "mamba-tiny, use_conv_bias, false, CORRUPT",
  })
  void configOfAnotherCheckpointIsRefused(String name, String key, String value, ErrorKind kind) {
    Object parsed =
        switch (value) {
          case "true", "false" -> value.equals("true");
          case String digits when digits.matches("\\d+") -> Integer.parseInt(digits);
          default -> value;
        };
    try (GoldenCase golden = golden(name).with(key, parsed)) {
      assertRefused(kind, key, golden);
    }
  }

  @Test
  void untiedHeadMustBeThere() {
    try (GoldenCase golden = golden("mamba-tiny").with("tie_word_embeddings", false)) {
      assertRefused(ErrorKind.CORRUPT, "'lm_head.weight'", golden);
    }
  }

  /// As `Mamba2ForCausalLM` does, unlike its predecessor.
  @Test
  void mamba2UsesItsOwnHeadUnlessToldToTieIt() {
    try (GoldenCase golden = golden("mamba2-tiny")) {
      Map<String, Object> config = new HashMap<>(golden.json("config.json").orElseThrow().asMap());
      config.remove("tie_word_embeddings");
      golden
          .withJson("config.json", config)
          .with("lm_head.weight", TensorView.of(new float[160 * 32], 160, 32));
      try (MambaModel.Loaded loaded = MambaModel.load(golden, 64, Compute.SERIAL);
          Session session = loaded.network().begin()) {
        assertArrayEquals(new float[160], session.append(new int[] {3}, Cancellation.NEVER));
      }
    }
  }

  private static void assertRefused(ErrorKind kind, String part, GoldenCase golden) {
    TantraException e =
        assertThrows(TantraException.class, () -> new MambaModel().load(golden).close());
    assertTrue(String.valueOf(e.getMessage()).contains(part), String.valueOf(e.getMessage()));
    assertEquals(kind, e.kind());
  }

  private static GoldenCase golden(String name) {
    return GoldenCase.of(MambaModelTest.class, name);
  }
}
