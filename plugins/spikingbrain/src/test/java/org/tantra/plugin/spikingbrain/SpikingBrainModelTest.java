package org.tantra.plugin.spikingbrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Generation;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ParityCheck;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
import org.tantra.api.Usage;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.WeightForm;
import org.tantra.testkit.GoldenCase;
import org.tantra.testkit.TwoThreads;

/// The extension, what its answers report, and checkpoints that are not what they should be.
final class SpikingBrainModelTest {
  private static final Prompt PROMPT = new Prompt.Tokens(List.of(5, 80, 33));

  @Test
  void extensionsAreDeclared() {
    assertTrue(
        ServiceLoader.load(Model.class).stream()
            .anyMatch(provider -> provider.type() == SpikingBrainModel.class));
    assertTrue(
        ServiceLoader.load(ParityCheck.class).stream()
            .anyMatch(provider -> provider.type() == SpikingBrainParity.class));
    assertEquals(
        List.of("gpt2", "distilgpt2", "text-lite"), new SpikingBrainModel().info().fallbacks());
  }

  @Test
  void plainGpt2CheckpointBecomesOneByName() {
    try (GoldenCase golden = golden("spikingbrain-gpt-tiny")) {
      Map<String, Object> config =
          new LinkedHashMap<>(golden.json("config.json").orElseThrow().asMap());
      config.remove("spike_k");
      config.put("model_type", "gpt2");
      golden.withJson("config.json", config);

      assertTrue(new SpikingBrainParity().run(golden).stream().allMatch(Finding::within));
    }
  }

  @Test
  void anotherResolutionIsOutsideTolerance() {
    try (GoldenCase golden = golden("spikingbrain-gpt-tiny").with("spike_k", 3.1)) {
      assertTrue(
          new SpikingBrainParity().run(golden).stream().anyMatch(finding -> !finding.within()));
    }
  }

  @Test
  void storedHeadIsUsedUnlessTheConfigSaysTied() {
    TensorView zeros = TensorView.of(new float[199 * 40], 199, 40);
    try (GoldenCase golden = golden("spikingbrain-gpt-tiny").with("lm_head.weight", zeros)) {
      assertEquals(0, firstLogit(golden));
      golden.with("tie_word_embeddings", true);
      assertTrue(firstLogit(golden) != 0);
    }
  }

  private static float firstLogit(GoldenCase golden) {
    try (var loaded =
            SpikingBrainModel.loadTrunk(
                golden, WeightForm.AS_STORED, golden.compute(), golden.progress());
        var session = loaded.network().begin()) {
      return session.append(new int[] {1, 2}, Cancellation.NEVER)[0];
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"spikingbrain-gpt-tiny", "spikingbrain-w8aspike-tiny"})
  void usageReportsSpikesAndSparsityOfEachLayer(String name) {
    try (GoldenCase golden = golden(name);
        LoadedModel loaded = new SpikingBrainModel().load(golden);
        Generation generation =
            text(loaded).generate(TextRequest.of(PROMPT, 4).with(Sampling.GREEDY))) {
      ids(generation);
      Usage usage = generation.usage();

      assertTrue(usage.measures().getOrDefault("spikes_per_token", 0.0) > 100);
      for (String layer : List.of("", ".layer.0", ".layer.1", ".layer.2")) {
        double sparsity = usage.measures().getOrDefault("sparsity" + layer, 0.0);
        assertTrue(sparsity > 0.05 && sparsity < 0.4, () -> layer + " " + sparsity);
      }
    }
  }

  @Test
  void plainLayoutHasNoSpikesToReport() {
    try (GoldenCase golden = golden("spikingbrain-tiny");
        LoadedModel loaded = new SpikingBrainModel().load(golden);
        Generation generation = text(loaded).generate(TextRequest.of(PROMPT, 2))) {
      ids(generation);
      assertEquals(Map.of(), generation.usage().measures());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spikingbrain-gpt-tiny",
        "spikingbrain-tiny",
        "spikingbrain-tiny-bin",
        "spikingbrain-w8aspike-tiny"
      })
  void equalSeedsGiveEqualTokensOnAnyNumberOfThreads(String name) {
    try (GoldenCase golden = golden(name);
        LoadedModel serial = new SpikingBrainModel().load(golden);
        LoadedModel parallel = new SpikingBrainModel().load(golden.on(new TwoThreads()))) {
      TextRequest request = TextRequest.of(PROMPT, 20).with(Sampling.DEFAULT.withSeed(9));
      List<Integer> expected = ids(text(serial).generate(request));
      assertEquals(expected, ids(text(serial).generate(request)));
      assertEquals(expected, ids(text(parallel).generate(request)));
    }
  }

  private static List<Integer> ids(Generation generation) {
    List<Integer> ids = new ArrayList<>();
    for (var piece = generation.next(); piece.isPresent(); piece = generation.next()) {
      piece.get().tokens().forEach(token -> ids.add(token.id()));
    }
    return ids;
  }

  @Test
  void memoryOfARowStopsGrowingAtTheWindow() {
    try (GoldenCase golden = golden("spikingbrain-tiny").with("max_position_embeddings", 5000);
        var loaded =
            SpikingBrainModel.loadPublished(
                golden,
                config -> config,
                WeightForm.AS_STORED,
                golden.compute(),
                golden.progress());
        var row = new GlaSwaRow(loaded.network(), (_, _, _) -> {});
        var session = loaded.network().begin(row)) {
      session.append(new int[64], Cancellation.NEVER);
      long after64 = row.bytes();
      for (int i = 0; i < 300; i++) {
        session.append(new int[] {i % 128}, Cancellation.NEVER);
      }
      assertEquals(after64, row.bytes());
    }
  }

  @Test
  void cancellationIsNoticedInEveryLayer() {
    try (GoldenCase golden = golden("spikingbrain-tiny");
        var loaded =
            SpikingBrainModel.loadPublished(
                golden,
                config -> config,
                WeightForm.AS_STORED,
                golden.compute(),
                golden.progress());
        var session = loaded.network().begin()) {
      AtomicInteger asked = new AtomicInteger();
      TantraException e =
          assertThrows(
              TantraException.class,
              () -> session.append(new int[] {1, 2}, () -> asked.incrementAndGet() > 2));
      assertEquals(ErrorKind.CANCELLED, e.kind());
      assertEquals(3, asked.get());
    }
  }

  @Test
  void textWithoutATokenizerIsRefusedWithTheReason() {
    try (GoldenCase golden = golden("spikingbrain-tiny");
        LoadedModel loaded = new SpikingBrainModel().load(golden)) {
      TantraException e = assertThrows(TantraException.class, () -> text(loaded).tokenize("hello"));
      assertEquals(ErrorKind.INVALID, e.kind());
      assertTrue(e.getMessage().contains("vocab.json and merges.txt"));
    }
  }

  @Test
  void residentBytesAreWeightsAndCopies() {
    try (GoldenCase golden = golden("spikingbrain-tiny");
        LoadedModel loaded = new SpikingBrainModel().load(golden)) {
      long weights =
          golden.weights().tensors().stream().mapToLong(tensor -> tensor.byteSize()).sum();
      long norms = 7 * 48 + 2 * 8;
      long biases = 3 * (48 + 2 * 16) + 2 * 16;
      assertEquals(weights + 4 * (norms + biases), loaded.residentBytes());
    }
  }

  @Test
  void closingTwiceIsHarmless() {
    try (GoldenCase golden = golden("spikingbrain-tiny")) {
      LoadedModel loaded = new SpikingBrainModel().load(golden);
      loaded.close();
      loaded.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "spikingbrain-gpt-tiny, spike_k, 0, CORRUPT",
    "spikingbrain-gpt-tiny, model_type, llama, UNSUPPORTED",
    "spikingbrain-gpt-tiny, n_embd, 1073741824, CORRUPT",
    "spikingbrain-tiny, num_key_value_heads, 4, CORRUPT",
    "spikingbrain-tiny, num_hidden_layers, 4, CORRUPT",
    "spikingbrain-tiny, hidden_size, 96, CORRUPT",
    "spikingbrain-tiny, sliding_window, 0, CORRUPT",
    "spikingbrain-tiny, norm_eps, 2, CORRUPT",
    "spikingbrain-tiny, rope_theta, -1, CORRUPT",
    "spikingbrain-tiny, gate_low_rank_dim, 8, CORRUPT",
    "spikingbrain-tiny, hidden_act, gelu, UNSUPPORTED",
    "spikingbrain-w8aspike-tiny, spike_k, -1, CORRUPT",
    "spikingbrain-w8aspike-tiny, intermediate_size, 128, CORRUPT",
  })
  void configurationThatDoesNotFitIsRefused(String name, String key, String value, ErrorKind kind) {
    Object typed = value.matches("-?\\d+") ? (Object) Integer.valueOf(value) : value;
    try (GoldenCase golden = golden(name).with(key, typed)) {
      TantraException e =
          assertThrows(TantraException.class, () -> new SpikingBrainModel().load(golden));
      assertEquals(kind, e.kind(), e.getMessage());
    }
  }

  @Test
  void layersBeyondTheNetworkAreRefused() {
    try (GoldenCase golden = golden("spikingbrain-tiny").with("attn_layers", List.of(1, 3))) {
      assertFails(ErrorKind.CORRUPT, "attn_layers names layer 3 of 3", golden);
    }
  }

  @Test
  void missingAndMisshapenWeightsAreNamed() {
    try (GoldenCase golden =
        golden("spikingbrain-tiny").without("model.layers.2.attn.gk_proj.1.bias")) {
      assertFails(ErrorKind.CORRUPT, "model.layers.2.attn.gk_proj.1.bias", golden);
    }
    TensorView scales = TensorView.of(new float[48 * 5], 48, 5, 1);
    String name = "model.layers.1.attn.q_proj.weight_quantizer.scales";
    try (GoldenCase golden = golden("spikingbrain-w8aspike-tiny").with(name, scales)) {
      assertFails(ErrorKind.CORRUPT, name, golden);
    }
  }

  @Test
  void stepsLeaveOutZerosAndPrefillDoesNotYetBothGiveTheSameBits() {
    try (GoldenCase golden = golden("spikingbrain-gpt-k8-tiny");
        var loaded =
            SpikingBrainModel.loadTrunk(
                golden, WeightForm.AS_STORED, golden.compute(), golden.progress());
        var whole = loaded.network().begin();
        var stepped = loaded.network().begin()) {
      int[] ids = {3, 1, 4, 1, 5, 9, 2, 6, 5};
      float[] expected = whole.append(ids, Cancellation.NEVER);
      float[] actual = {};
      for (int id : ids) {
        actual = stepped.append(new int[] {id}, Cancellation.NEVER);
      }
      assertArrayEquals(expected, actual);
    }
  }

  private static void assertFails(ErrorKind kind, String part, GoldenCase golden) {
    TantraException e =
        assertThrows(TantraException.class, () -> new SpikingBrainModel().load(golden));
    assertEquals(kind, e.kind(), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static TextGeneration text(LoadedModel loaded) {
    return loaded.as(TextGeneration.class).orElseThrow();
  }

  private static GoldenCase golden(String name) {
    return GoldenCase.of(SpikingBrainModelTest.class, name);
  }
}
