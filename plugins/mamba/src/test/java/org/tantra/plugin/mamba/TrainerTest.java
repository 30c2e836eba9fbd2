package org.tantra.plugin.mamba;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.Model;
import org.tantra.api.Settings;
import org.tantra.api.WeightSource;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.StateDict;
import org.tantra.testkit.WritableWeights;

/// The networks of our own design as a trainer uses them: every weight by name, written by it.
final class TrainerTest {
  private static Settings small(Model model) {
    return Settings.of("small", requireNonNull(model.sizes().get("small")));
  }

  private static WritableWeights weights(Model model) {
    return new WritableWeights(model.weightPlan(small(model)).orElseThrow());
  }

  private static float[] random(int count) {
    Random random = new Random(3);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  /// Scores of each character at some columns.
  private static Function<WeightSource, float[]> reading() {
    OcrConfig config = ConfigFile.plan(small(new OcrNativeModel()), OcrConfig::of);
    int columns = 5;
    float[] pixels = random(columns * config.columnPixels());
    return source -> {
      try (Arena copies = Arena.ofConfined()) {
        OcrWeights weights = OcrWeights.of(config, new StateDict("trainer", source, copies));
        float[] all = new float[columns * config.vocab()];
        int[] read = new int[1];
        new OcrNetwork(config, weights, Compute.SERIAL)
            .read(
                pixels,
                columns,
                Cancellation.NEVER,
                (scores, at) ->
                    System.arraycopy(scores, at, all, read[0]++ * config.vocab(), config.vocab()));
        return all;
      }
    };
  }

  /// What all three heads say after text, sound and a picture.
  private static Function<WeightSource, float[]> answering() {
    MultimodalConfig config = ConfigFile.plan(small(new MultimodalModel()), MultimodalConfig::of);
    int each = 15; // enough that every expert gets some
    int[] ids = new Random(4).ints(each, 0, config.vocab()).toArray();
    float[] sound = random(each * config.audioDim());
    float[] picture = random(each * config.visionDim());
    return source -> {
      try (Arena copies = Arena.ofConfined()) {
        MultimodalWeights weights =
            MultimodalWeights.of(config, new StateDict("trainer", source, copies));
        MultimodalNetwork network = new MultimodalNetwork(config, weights, Compute.SERIAL);
        float[] x =
            joined(
                network.embed(ids, 0, each),
                network.embed(MultimodalNetwork.Kind.AUDIO, sound, each),
                network.embed(MultimodalNetwork.Kind.VISION, picture, each));
        int count = 3 * each;
        float[] read = network.forward(x, count, network.begin(), Cancellation.NEVER);
        float[] logits = new float[count * config.vocab()];
        network.textHead(logits, read, count);
        return joined(
            logits,
            network.mediaHead(MultimodalNetwork.Kind.AUDIO, read, count),
            network.mediaHead(MultimodalNetwork.Kind.VISION, read, count));
      }
    };
  }

  private static float[] joined(float[]... parts) {
    float[] all = new float[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  @Test
  void everyWeightOfTheLineReaderCounts() {
    weights(new OcrNativeModel()).assertEachCounts(reading());
  }

  @Test
  void lineReaderLearns() {
    weights(new OcrNativeModel()).assertLearns(reading());
  }

  @Test
  void everyWeightOfTheMultimodalNetworkCounts() {
    weights(new MultimodalModel()).assertEachCounts(answering());
  }
}
