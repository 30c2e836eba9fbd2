package org.tantra.plugin.tantra;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.Sampling;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.nn.Arithmetic;
import org.tantra.nn.KvCache;
import org.tantra.nn.Workspace;
import org.tantra.nn.text.Sampler;
import org.tantra.testkit.FullSizeCase;

/// Tantra multimodal v1.0 at its real size, with weights that a formula gives: logits with and
/// without an image against those of the reference implementation, and how long a token takes.
///
/// Runs on request only:
///
/// ```
/// mvn -pl plugins/tantra -am package -DexcludedGroups= -Dgroups=fullsize -Dtantra.fullsize=DIR \
///     -Dsurefire.failIfNoSpecifiedTests=false -Dtest=TantraFullSizeTest
/// ```
@Tag("fullsize")
final class TantraFullSizeTest {
  private static final double TOLERANCE = 2e-4;
  private static final int IMAGE_ORDINAL = 1000;

  @Test
  void logitsAreThoseOfTheReference() {
    try (FullSizeCase full = FullSizeCase.of("tantra-multimodal-v1.0");
        TantraModel.Loaded loaded = TantraModel.load(full, Compute.SERIAL)) {
      assertEquals(
          full.recipe().get("parameters").longValue(),
          full.weights().tensors().stream()
              .map(TensorInfo::shape)
              .mapToLong(Shape::elements)
              .sum());
      float[] pixels = full.tensor(IMAGE_ORDINAL, 0.5, 0.5, Shape.of(1, 1, 24, 40)).toFloats();
      float[] image = loaded.network().imageVector(pixels, 24, 40);

      compare("without image", full, full.recipe(), loaded.network(), null);
      compare("with image", full, full.recipe().get("with_image"), loaded.network(), image);
      report(loaded);
    }
  }

  private static void compare(
      String what,
      FullSizeCase full,
      JsonNode part,
      TantraNetwork network,
      float @Nullable [] image) {
    int[] ids = FullSizeCase.ids(full.recipe().get("input_ids"));
    int vocab = network.vocab();
    float[] logits = new float[ids.length * vocab];
    try (KvCache cache =
        new KvCache(1, network.config().heads(), network.config().headDim(), ids.length)) {
      float[] x =
          network.forward(
              ids,
              ids.length,
              image,
              cache,
              new Workspace(),
              Cancellation.NEVER,
              TantraNetwork.Trace.NONE);
      network.head(logits, x, ids.length);
    }
    double largest = 0;
    for (int t = 0; t < ids.length; t++) {
      float[] there = Arrays.copyOfRange(logits, t * vocab, (t + 1) * vocab);
      largest = Math.max(largest, full.distance(part.get("expected"), t, there));
    }
    System.out.printf("tantra v1.0 %s: largest difference of a logit %.1e%n", what, largest);
    assertTrue(largest <= TOLERANCE, what + " differs by " + largest);
    int[] greedy = FullSizeCase.ids(part.get("greedy_8").get("new_ids"));
    assertArrayEquals(greedy, greedy(network, image, ids, greedy.length));
  }

  private static int[] greedy(
      TantraNetwork network, float @Nullable [] image, int[] prompt, int count) {
    int[] added = new int[count];
    Sampler sampler = new Sampler(Sampling.GREEDY, network.vocab());
    try (TantraSession session = new TantraSession(network, image)) {
      float[] logits = session.append(prompt, Cancellation.NEVER);
      for (int i = 0; i < count; i++) {
        added[i] = sampler.next(logits);
        logits = session.append(new int[] {added[i]}, Cancellation.NEVER);
      }
    }
    return added;
  }

  /// Prints what a token costs: the figures are what somebody runs this for.
  private static void report(TantraModel.Loaded loaded) {
    for (int length : new int[] {16, 128, 500}) {
      for (int round = 0; round < 3; round++) {
        try (TantraSession session = loaded.network().begin()) {
          session.append(new int[length], Cancellation.NEVER);
          long start = System.nanoTime();
          for (int i = 0; i < 10; i++) {
            session.append(new int[] {i}, Cancellation.NEVER);
          }
          System.out.printf(
              "tantra v1.0, %s, 1 thread: %.2f ms a token after %d, %d bytes resident%n",
              Arithmetic.description(),
              (System.nanoTime() - start) / 1e7,
              length,
              loaded.residentBytes());
        }
      }
    }
  }
}
