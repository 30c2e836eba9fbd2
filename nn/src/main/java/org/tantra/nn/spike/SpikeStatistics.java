package org.tantra.nn.spike;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// How many spikes a row of tokens has made: counted once for every coded activation, each count
/// `c` being `|c|` spikes. Used by one thread at a time.
public final class SpikeStatistics {
  private final double[] spikes;
  private final long[] zeros;
  private final long[] activations;
  private long tokens;

  public SpikeStatistics(int layers) {
    this.spikes = new double[layers];
    this.zeros = new long[layers];
    this.activations = new long[layers];
  }

  /// Notes that the row has grown.
  public void addTokens(int count) {
    tokens += count;
  }

  /// Adds the counts of one place of a layer.
  ///
  /// @param counts integers, the first `length` elements
  public void add(int layer, float[] counts, int length) {
    double sum = 0;
    int silent = 0;
    for (int i = 0; i < length; i++) {
      sum += Math.abs(counts[i]);
      silent += counts[i] == 0 ? 1 : 0;
    }
    spikes[layer] += sum;
    zeros[layer] += silent;
    activations[layer] += length;
  }

  /// Figures by name, for the usage of a request; nothing before the first token.
  ///
  /// `spikes_per_token` is the sum over all layers, `spikes_per_activation` its mean, and
  /// `sparsity` the share of activations without a spike, which reappears as `sparsity.layer.N` for
  /// each layer.
  public Map<String, Double> measures() {
    if (tokens == 0) {
      return Map.of();
    }
    Map<String, Double> measures = new LinkedHashMap<>();
    double all = Arrays.stream(spikes).sum();
    double places = Arrays.stream(activations).sum();
    measures.put("spikes_per_token", all / tokens);
    measures.put("spikes_per_activation", all / places);
    measures.put("sparsity", Arrays.stream(zeros).sum() / places);
    for (int layer = 0; layer < spikes.length; layer++) {
      if (activations[layer] > 0) {
        measures.put("sparsity.layer." + layer, (double) zeros[layer] / activations[layer]);
      }
    }
    return measures;
  }
}
