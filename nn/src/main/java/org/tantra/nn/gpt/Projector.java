package org.tantra.nn.gpt;

import java.util.Map;

/// What a relative of GPT-2 does to activations before they go through the linear maps of the
/// layers, for one row of tokens. Used by one thread at a time.
public interface Projector {
  /// Which linear map of a layer.
  enum Place {
    /// Queries, keys and values in one.
    ATTENTION("c_attn"),
    /// The attended values.
    ATTENDED("attn.c_proj"),
    /// Into the MLP.
    UP("c_fc"),
    /// Out of the MLP.
    DOWN("mlp.c_proj");

    private final String weight;

    Place(String weight) {
      this.weight = weight;
    }

    /// As weight names call it, without what all places share.
    public String weight() {
      return weight;
    }
  }

  /// Changes what goes into a map.
  ///
  /// @param x `[tokens, width]` from `at` on, changed in place
  /// @return whether so much of it may be zero that leaving out the weights of zeros could pay
  boolean prepare(float[] x, int at, int tokens, int width, int layer, Place place);

  /// Figures about the row so far by name, reported in the usage.
  default Map<String, Double> measures() {
    return Map.of();
  }

  /// Nothing is done: GPT-2.
  Projector PLAIN = (_, _, _, _, _, _) -> false;
}
