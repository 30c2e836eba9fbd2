package org.tantra.plugin.whisper;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.tantra.api.Compute;
import org.tantra.nn.Softmax;

/// Keys and values in 2 bytes each: for checkpoints of 16-bit weights, beside which the exact ones
/// would weigh a quarter more.
///
/// Each channel of each layer is divided by its largest magnitude over all positions and rounded to
/// 1/32767 of it, which is some five times as exact as F16. Logits of the 16-bit golden case move
/// by 1e-4 of their deviation. Keys lie as `[hidden, positions]`, values as `[heads, positions,
/// headDim]`.
final class RoundedCrossCache implements CrossCache {
  private static final int LARGEST = Short.MAX_VALUE;

  /// Channels of keys read at a time.
  private static final int CHANNELS = 4;

  /// Positions of values read at a time.
  private static final int POSITIONS = 64;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment keys;
  private final MemorySegment values;
  private final float[][] keySteps;
  private final float[][] valueSteps;
  private final int positions;
  private final int hidden;
  private final int heads;
  private final int headDim;
  private final float scale;
  private final Compute compute;

  RoundedCrossCache(WhisperConfig config, Compute compute) {
    this.positions = config.audioPositions();
    this.hidden = config.hidden();
    this.heads = config.textHeads();
    this.headDim = hidden / heads;
    this.scale = (float) (1 / Math.sqrt(headDim));
    this.compute = compute;
    int layers = config.textLayers();
    long bytes = (long) layers * layerElements() * Short.BYTES;
    this.keys = arena.allocate(bytes, 64);
    this.values = arena.allocate(bytes, 64);
    this.keySteps = new float[layers][];
    this.valueSteps = new float[layers][];
  }

  private int layerElements() {
    return positions * hidden;
  }

  @Override
  public void put(int layer, float[] key, float[] value) {
    float[] keyStep = steps(key);
    float[] valueStep = steps(value);
    keySteps[layer] = keyStep;
    valueSteps[layer] = valueStep;
    long layerAt = (long) layer * layerElements();
    short[] row = new short[positions];
    for (int channel = 0; channel < hidden; channel++) {
      for (int t = 0; t < positions; t++) {
        row[t] = rounded(key[t * hidden + channel], keyStep[channel]);
      }
      copyTo(keys, layerAt + (long) channel * positions, row);
    }
    row = new short[headDim];
    for (int head = 0; head < heads; head++) {
      for (int t = 0; t < positions; t++) {
        for (int i = 0; i < headDim; i++) {
          int channel = head * headDim + i;
          row[i] = rounded(value[t * hidden + channel], valueStep[channel]);
        }
        copyTo(values, layerAt + ((long) head * positions + t) * headDim, row);
      }
    }
  }

  /// What 1 stands for in each channel, `[hidden]`; 0 where all is zero.
  private float[] steps(float[] rows) {
    float[] steps = new float[hidden];
    for (int t = 0; t < positions; t++) {
      for (int channel = 0; channel < hidden; channel++) {
        steps[channel] = Math.max(steps[channel], Math.abs(rows[t * hidden + channel]));
      }
    }
    for (int channel = 0; channel < hidden; channel++) {
      steps[channel] /= LARGEST;
    }
    return steps;
  }

  private static short rounded(float value, float step) {
    return step == 0 ? 0 : (short) Math.round(value / step);
  }

  private static void copyTo(MemorySegment memory, long element, short[] row) {
    MemorySegment.copy(row, 0, memory, ValueLayout.JAVA_SHORT, element * Short.BYTES, row.length);
  }

  @Override
  public void attend(float[] out, float[] queries, int tokens, int layer) {
    int parts = Math.min(compute.threads(), heads);
    compute.parallel(
        parts,
        part -> {
          float[] scores = new float[positions];
          short[] scratch = new short[Math.max(CHANNELS * positions, POSITIONS * headDim)];
          for (int head = heads * part / parts; head < heads * (part + 1) / parts; head++) {
            for (int t = 0; t < tokens; t++) {
              int at = t * hidden + head * headDim;
              Arrays.fill(scores, 0);
              addScores(scores, queries, at, layer, head, scratch);
              Softmax.apply(scores, 0, positions);
              combine(out, at, scores, layer, head, scratch);
            }
          }
        });
  }

  @Override
  public float[] scores(float[] queries, int tokens, int layer, int head) {
    float[] scores = new float[tokens * positions];
    float[] row = new float[positions];
    short[] scratch = new short[CHANNELS * positions];
    for (int t = 0; t < tokens; t++) {
      Arrays.fill(row, 0);
      addScores(row, queries, t * hidden + head * headDim, layer, head, scratch);
      System.arraycopy(row, 0, scores, t * positions, positions);
    }
    return scores;
  }

  private void addScores(
      float[] scores, float[] queries, int queryAt, int layer, int head, short[] scratch) {
    float[] steps = keySteps[layer];
    int first = head * headDim;
    long from = (long) layer * layerElements() + (long) first * positions;
    float[] factors = new float[CHANNELS];
    for (int i = 0; i < headDim; i += CHANNELS) {
      int count = Math.min(CHANNELS, headDim - i);
      MemorySegment.copy(
          keys,
          ValueLayout.JAVA_SHORT,
          (from + (long) i * positions) * Short.BYTES,
          scratch,
          0,
          count * positions);
      for (int c = 0; c < CHANNELS; c++) {
        // Beyond the last channel stand finite leftovers, which zero leaves out.
        factors[c] = c < count ? scale * queries[queryAt + i + c] * steps[first + i + c] : 0;
      }
      addChannels(scores, scratch, factors[0], factors[1], factors[2], factors[3]);
    }
  }

  private void addChannels(float[] scores, short[] rows, float f0, float f1, float f2, float f3) {
    int second = positions;
    int third = 2 * positions;
    int fourth = 3 * positions;
    for (int t = 0; t < positions; t++) {
      scores[t] +=
          (f0 * rows[t] + f1 * rows[second + t]) + (f2 * rows[third + t] + f3 * rows[fourth + t]);
    }
  }

  private void combine(
      float[] out, int outAt, float[] weights, int layer, int head, short[] scratch) {
    float[] sums = new float[headDim];
    long from = (long) layer * layerElements() + (long) head * positions * headDim;
    for (int t = 0; t < positions; t += POSITIONS) {
      int count = Math.min(POSITIONS, positions - t);
      MemorySegment.copy(
          values,
          ValueLayout.JAVA_SHORT,
          (from + (long) t * headDim) * Short.BYTES,
          scratch,
          0,
          count * headDim);
      for (int p = 0; p < count; p++) {
        addRow(sums, weights[t + p], scratch, p * headDim);
      }
    }
    float[] steps = valueSteps[layer];
    for (int i = 0; i < headDim; i++) {
      out[outAt + i] = sums[i] * steps[head * headDim + i];
    }
  }

  private static void addRow(float[] sums, float weight, short[] rows, int at) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weight * rows[at + i];
    }
  }

  @Override
  public long bytes() {
    return arena.scope().isAlive() ? keys.byteSize() + values.byteSize() : 0;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
