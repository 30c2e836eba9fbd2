package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tantra.api.Compute;
import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;
import org.tantra.testkit.TwoThreads;

final class RoundedCrossCacheTest {
  private static final int TOKENS = 3;

  private final WhisperConfig config = config();
  private final float[] keys = normal(1, config.audioPositions() * config.hidden());
  private final float[] values = normal(2, config.audioPositions() * config.hidden());
  private final float[] queries = normal(3, TOKENS * config.hidden());

  /// Heads of 30 channels: no multiple of what is read at a time.
  private static WhisperConfig config() {
    Map<String, Object> sizes = new HashMap<>(requireNonNull(WhisperSizes.ALL.get("small")));
    sizes.put("d_model", 60);
    sizes.put("max_source_positions", 131);
    return ConfigFile.plan(Settings.of("test", sizes), WhisperConfig::of);
  }

  private static float[] normal(long seed, int length) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private void fill(CrossCache cache) {
    for (int layer = 0; layer < config.textLayers(); layer++) {
      cache.put(layer, keys, values);
    }
  }

  @Test
  void attendsAsTheExactOneDoes() {
    try (CrossCache exact = new ExactCrossCache(config, Compute.SERIAL);
        CrossCache rounded = new RoundedCrossCache(config, new TwoThreads())) {
      fill(exact);
      fill(rounded);
      float[] expected = new float[queries.length];
      float[] found = new float[queries.length];
      exact.attend(expected, queries, TOKENS, 1);
      rounded.attend(found, queries, TOKENS, 1);
      assertArrayEquals(expected, found, 1e-4f);
      assertArrayEquals(
          exact.scores(queries, TOKENS, 1, 1), rounded.scores(queries, TOKENS, 1, 1), 5e-4f);
      assertEquals(exact.bytes(), ExactCrossCache.bytes(config));
      assertEquals(exact.bytes(), 2 * rounded.bytes());
    }
  }

  @Test
  void whatIsNoNumberStaysSo() {
    keys[17] = Float.NaN;
    try (CrossCache rounded = new RoundedCrossCache(config, Compute.SERIAL)) {
      fill(rounded);
      float[] found = new float[queries.length];
      rounded.attend(found, queries, TOKENS, 0);
      assertTrue(Float.isNaN(found[0]));
    }
  }

  @Test
  void closingTwiceIsHarmless() {
    CrossCache rounded = new RoundedCrossCache(config, Compute.SERIAL);
    rounded.close();
    rounded.close();
    assertEquals(0, rounded.bytes());
  }
}
