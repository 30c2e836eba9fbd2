package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;
import org.tantra.nn.BatchNorm;
import org.tantra.nn.Linear;

/// The bottleneck that a frame passes on its way back into the decoder: linear maps with ReLU.
final class Prenet {
  private record Layer(Linear linear, @Nullable BatchNorm norm) {}

  private final List<Layer> layers = new ArrayList<>();
  private final boolean dropout;
  private final int out;

  Prenet(NamedWeights weights, TacotronConfig config, int mels, Compute compute) {
    this.dropout = config.dropout();
    int width = mels;
    for (int i = 0; i < weights.count("decoder.prenet.linear_layers."); i++) {
      String name = "decoder.prenet.linear_layers." + i + ".";
      String weight = name + "linear_layer.weight";
      int next = weights.size(weight, 2, 0);
      layers.add(
          new Layer(
              Linear.rows(
                  weights.weight(weight, next, width),
                  weights.weightIfPresent(name + "linear_layer.bias", next),
                  compute),
              config.batchNormPrenet()
                  ? ConvBlock.batchNorm(weights, name + "batch_normalization.", next)
                  : null));
      width = next;
    }
    this.out = width;
  }

  int out() {
    return out;
  }

  /// @param frame `[mels]`
  /// @param random which numbers to drop, if the configuration asks for that
  /// @return `[out]`
  float[] apply(float[] frame, Random random) {
    float[] x = frame;
    for (Layer layer : layers) {
      float[] y = new float[layer.linear.out()];
      layer.linear.apply(y, x, 1);
      if (layer.norm != null) {
        layer.norm.apply(y, 1);
      }
      for (int i = 0; i < y.length; i++) {
        // Half are dropped, the others doubled, so that the mean stays.
        float kept = dropout ? (random.nextBoolean() ? 2 : 0) : 1;
        y[i] = Math.max(0, y[i]) * kept;
      }
      x = y;
    }
    return x;
  }
}
