package org.tantra.plugin.coqui;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.nn.StateDict;
import org.tantra.nn.Trace;
import org.tantra.testkit.PlannedCheckpoint;

/// The vocoder a few frames at a time.
final class HifiGanTest {
  private static final int MELS = 80;
  private static final int FRAMES = 40;

  /// Random frames.
  private static float[] mel(int frames) {
    Random random = new Random(7);
    float[] mel = new float[frames * MELS];
    for (int i = 0; i < mel.length; i++) {
      mel[i] = (float) random.nextGaussian();
    }
    return mel;
  }

  private static HifiGan network(Arena copies, Map<String, Object> parameters) {
    Map<String, Object> config = TinyVoice.config("vocoder-small");
    config.put("generator_model_params", parameters);
    PlannedCheckpoint checkpoint = TinyVoice.checkpoint(config);
    StateDict weights = new StateDict("test", checkpoint.weights(), copies);
    return CoquiModel.vocoder(checkpoint, weights, Compute.SERIAL);
  }

  private static Map<String, Object> released(String type) {
    List<Integer> dilations = List.of(1, 3, 5);
    return Map.of(
        "resblock_type", type,
        "resblock_dilation_sizes", List.of(dilations, dilations, dilations),
        "resblock_kernel_sizes", List.of(3, 7, 11),
        "upsample_kernel_sizes", List.of(16, 16, 4, 4),
        "upsample_initial_channel", 16,
        "upsample_factors", List.of(8, 8, 2, 2));
  }

  /// Kernels that are longer than the hop by an odd number make a stage's row longer by one.
  private static Map<String, Object> odd() {
    return Map.of(
        "resblock_type", "1",
        "resblock_dilation_sizes", List.of(List.of(1, 7)),
        "resblock_kernel_sizes", List.of(5),
        "upsample_kernel_sizes", List.of(7, 6),
        "upsample_initial_channel", 8,
        "upsample_factors", List.of(4, 3));
  }

  @ParameterizedTest
  @CsvSource({"1, 17", "1, 49", "2, 24"})
  void partsAreTheWholeBitForBit(String type, int part) {
    assertPartsAreTheWhole(released(type), part);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9, 40})
  void partsWithOddKernelsAreTheWholeBitForBit(int part) {
    assertPartsAreTheWhole(odd(), part);
  }

  private static void assertPartsAreTheWhole(Map<String, Object> parameters, int part) {
    try (Arena copies = Arena.ofConfined()) {
      HifiGan network = network(copies, parameters);
      float[] mel = mel(FRAMES);
      float[] whole = network.apply(mel, 5, Integer.MAX_VALUE, Trace.NONE, Cancellation.NEVER);
      assertArrayEquals(whole, network.apply(mel, 5, part, Trace.NONE, Cancellation.NEVER));
      assertTrue(whole.length >= (FRAMES + 10) * network.hop(), () -> whole.length + " samples");
    }
  }

  @Test
  void whatLiesBetweenTheLayersDoesNotGrowWithTheSentence() {
    try (Arena copies = Arena.ofConfined()) {
      HifiGan network = network(copies, released("2"));
      AtomicInteger longest = new AtomicInteger();
      Trace trace = (_, _, length) -> longest.accumulateAndGet(length, Math::max);
      float[] wave = network.apply(mel(120), 0, 30, trace, Cancellation.NEVER);
      assertEquals(120 * network.hop(), wave.length);
      // 256 numbers a frame in the later stages, and a few frames that waited.
      assertTrue(longest.get() <= (30 + 20) * 256, () -> longest + " numbers in a row");
    }
  }
}
