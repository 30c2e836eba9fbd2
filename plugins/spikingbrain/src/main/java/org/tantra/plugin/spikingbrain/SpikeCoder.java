package org.tantra.plugin.spikingbrain;

import java.util.Map;
import org.tantra.nn.Trace;
import org.tantra.nn.spike.SpikeCoding;
import org.tantra.nn.spike.SpikeStatistics;

/// Codes the activations of one row of tokens and counts their spikes.
final class SpikeCoder {
  private final SpikeCoding coding;
  private final SpikeStatistics statistics;
  private final Trace trace;
  private float[] counts = {};
  private float[] thresholds = {};

  /// @param trace sees `spike_counts.<layer>.<place>` and `spike_thresholds.<layer>.<place>`
  SpikeCoder(float k, int layers, Trace trace) {
    this.coding = new SpikeCoding(k);
    this.statistics = new SpikeStatistics(layers);
    this.trace = trace;
  }

  /// Makes `x` what its spikes stand for.
  ///
  /// @param x `[rows, width]` from `at` on, changed in place; each row has a threshold of its own
  void apply(float[] x, int at, int rows, int width, int layer, String place) {
    int length = rows * width;
    if (counts.length < length) {
      counts = new float[length];
    }
    if (thresholds.length < rows) {
      thresholds = new float[rows];
    }
    coding.apply(x, at, rows, width, counts, thresholds);
    statistics.add(layer, counts, length);
    trace.see("spike_counts." + layer + "." + place, counts, length);
    trace.see("spike_thresholds." + layer + "." + place, thresholds, rows);
  }

  void addTokens(int count) {
    statistics.addTokens(count);
  }

  Map<String, Double> measures() {
    return statistics.measures();
  }
}
