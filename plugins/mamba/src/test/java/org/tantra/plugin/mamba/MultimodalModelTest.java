package org.tantra.plugin.mamba;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.Generation;
import org.tantra.api.LoadedModel;
import org.tantra.api.Modality;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
import org.tantra.api.WeightPlan;
import org.tantra.nn.StateDict;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TestLoadContext;

final class MultimodalModelTest {
  private static final Map<String, Object> TINY =
      Map.of(
          "d_model",
          16,
          "n_layers",
          2,
          "d_state",
          4,
          "vocab_size",
          200,
          "num_experts",
          4,
          "expert_dim",
          24,
          "expert_capacity",
          8,
          "audio_dim",
          32,
          "patch_size",
          4,
          "max_seq_len",
          400);

  private final MultimodalModel model = new MultimodalModel();

  private PlannedCheckpoint checkpoint(Map<String, Object> config) {
    return PlannedCheckpoint.of(
        model.weightPlan(Settings.of("test", config)).orElseThrow(), config);
  }

  private MultimodalNetwork network() {
    MultimodalConfig config = MultimodalConfig.of(Settings.of("test", TINY));
    StateDict weights = new StateDict("test", checkpoint(TINY).weights(), Arena.ofAuto());
    return new MultimodalNetwork(config, MultimodalWeights.of(config, weights), Compute.SERIAL);
  }

  private static MemorySegment png(int width, int height, int rgb) {
    try {
      BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      image.setRGB(width / 2, height / 2, rgb);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(image, "png", bytes);
      return MemorySegment.ofArray(bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TextRequest about(Prompt.Part... parts) {
    return new TextRequest(
        new Prompt.Chat(List.of(new Prompt.Message(Prompt.Role.USER, List.of(parts)))),
        6,
        Sampling.GREEDY,
        List.of(),
        0,
        false);
  }

  /// Reads the answer to its end and keeps the log-probabilities of its tokens.
  private static Generation finish(Generation generation, List<Double> tokens) {
    for (var piece = generation.next(); piece.isPresent(); piece = generation.next()) {
      piece.get().tokens().forEach(token -> tokens.add(token.logprob()));
    }
    return generation;
  }

  private LoadedModel load() {
    return model.load(TestLoadContext.empty().withCheckpoint(checkpoint(TINY)));
  }

  private static TextGeneration text(LoadedModel loaded) {
    return loaded.as(TextGeneration.class).orElseThrow();
  }

  @Test
  void planAndLoaderAgree() {
    PlannedCheckpoint.assertPlanAndLoaderAgree(model, TINY);
  }

  @Test
  void smallSizeHasAboutSixHundredAndNinetyThousandParameters() {
    WeightPlan plan =
        model
            .weightPlan(Settings.of("small", requireNonNull(model.sizes().get("small"))))
            .orElseThrow();

    assertEquals(690_000, (double) plan.parameters(), 5_000);
  }

  @Test
  void tokenByTokenEqualsAllAtOnce() {
    MultimodalNetwork network = network();
    int[] ids = {5, 9, 44, 130, 7, 7, 61, 3};
    float[] whole =
        network.forward(network.embed(ids, 0, 8), 8, network.begin(), Cancellation.NEVER).clone();
    MultimodalNetwork.Row row = network.begin();
    for (int t = 0; t < ids.length; t++) {
      float[] one = network.forward(network.embed(ids, t, 1), 1, row, Cancellation.NEVER);
      assertArrayEquals(
          Arrays.copyOfRange(whole, t * 16, (t + 1) * 16), Arrays.copyOf(one, 16), 1e-5f);
    }
  }

  @Test
  void eachTokenGoesToTwoExpertsOfEachLayer() {
    MultimodalNetwork network = network();
    MultimodalNetwork.Row row = network.begin();
    var _ = network.forward(network.embed(new int[] {1, 2, 3}, 0, 3), 3, row, Cancellation.NEVER);

    assertEquals(2L * 2 * 3, Arrays.stream(row.loads()).sum());
  }

  @Test
  void pictureChangesTheAnswerAndIsCounted() {
    Prompt.Part question = new Prompt.TextPart("What is it?");
    try (LoadedModel loaded = load()) {
      List<Double> first = new ArrayList<>();
      List<Double> again = new ArrayList<>();
      List<Double> without = new ArrayList<>();
      Prompt.Part picture = new Prompt.MediaPart(Modality.IMAGE, png(40, 20, 0xff8040));
      try (Generation a = finish(text(loaded).generate(about(picture, question)), first);
          Generation b = finish(text(loaded).generate(about(picture, question)), again);
          Generation c = finish(text(loaded).generate(about(question)), without)) {
        Map<String, Double> measures = new LinkedHashMap<>(a.usage().measures());
        assertEquals(14.0 * 7, measures.get("media_tokens"));
        assertTrue(requireNonNull(measures.get("expert_imbalance")) >= 1);
        assertEquals(0.0, c.usage().measures().get("media_tokens"));
        assertEquals(a.finishReason(), b.finishReason());
      }
      assertEquals(first, again);
      assertNotEquals(first, without);
    }
  }

  @Test
  void videoIsUnsupported() {
    try (LoadedModel loaded = load()) {
      Prompt.Part video = new Prompt.MediaPart(Modality.VIDEO, png(4, 4, 1));
      assertEquals(
          ErrorKind.UNSUPPORTED,
          assertThrows(TantraException.class, () -> text(loaded).generate(about(video))).kind());
    }
  }

  @Test
  void mediaBeyondTheContextAreTheCallersMistake() {
    try (LoadedModel loaded = load()) {
      Prompt.Part square = new Prompt.MediaPart(Modality.IMAGE, png(9, 9, 1));
      assertEquals(
          "context_length_exceeded",
          assertThrows(
                  TantraException.class, () -> text(loaded).generate(about(square, square, square)))
              .code());
    }
  }

  @Test
  void headsOfMediaHaveTheWidthOfTheirFeatures() {
    MultimodalNetwork network = network();
    float[] x =
        network.forward(
            network.embed(MultimodalNetwork.Kind.AUDIO, new float[2 * 32], 2),
            2,
            network.begin(),
            Cancellation.NEVER);

    assertEquals(2 * 32, network.mediaHead(MultimodalNetwork.Kind.AUDIO, x, 2).length);
    assertEquals(2 * 48, network.mediaHead(MultimodalNetwork.Kind.VISION, x, 2).length);
  }
}
