package org.tantra.plugin.spikingbrain;

import java.util.Map;
import org.tantra.nn.Trace;
import org.tantra.nn.gpt.Projector;

/// Lets spikes through the linear maps of GPT-2's trunk instead of activations; in a step of few
/// tokens, weights that no spike meets are not read.
final class SpikingProjector implements Projector {
  private final SpikeCoder coder;

  SpikingProjector(float k, int layers, Trace trace) {
    this.coder = new SpikeCoder(k, layers, trace);
  }

  @Override
  public boolean prepare(float[] x, int at, int tokens, int width, int layer, Place place) {
    if (layer == 0 && place == Place.ATTENTION) {
      coder.addTokens(tokens);
    }
    coder.apply(x, at, tokens, width, layer, place.weight());
    return true;
  }

  @Override
  public Map<String, Double> measures() {
    return coder.measures();
  }
}
