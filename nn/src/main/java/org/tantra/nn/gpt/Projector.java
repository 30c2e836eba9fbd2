package org.tantra.nn.gpt;

import java.util.Map;
import org.tantra.nn.Linear;

/// Takes activations through the linear maps of the layers, for one row of tokens: the place where
/// a relative of GPT-2 does something to them first. Used by one thread at a time.
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

  /// Computes `y[t] = map(x[t])`, or the like.
  ///
  /// @param y `[tokens, map.out()]`, overwritten; not `x`
  /// @param x `[tokens, map.in()]`; nobody reads it afterwards, so it may be changed
  void apply(Linear map, int layer, Place place, float[] y, float[] x, int tokens);

  /// Figures about the row so far by name, reported in the usage.
  default Map<String, Double> measures() {
    return Map.of();
  }

  /// The linear map and nothing else: GPT-2.
  Projector PLAIN = (map, _, _, y, x, tokens) -> map.apply(y, x, tokens);
}
