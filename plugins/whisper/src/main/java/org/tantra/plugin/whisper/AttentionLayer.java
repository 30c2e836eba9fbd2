package org.tantra.plugin.whisper;

import org.tantra.api.Compute;
import org.tantra.nn.LayerNorm;
import org.tantra.nn.Linear;

/// Norm and projections of one attention, ready to compute.
record AttentionLayer(LayerNorm norm, Linear query, Linear key, Linear value, Linear out) {
  static final double EPSILON = 1e-5;

  static AttentionLayer of(WhisperWeights.Attending weights, Compute compute) {
    return new AttentionLayer(
        norm(weights.norm()),
        map(weights.query(), compute),
        map(weights.key(), compute),
        map(weights.value(), compute),
        map(weights.out(), compute));
  }

  static LayerNorm norm(WhisperWeights.Norm weights) {
    return new LayerNorm(weights.gain(), weights.bias(), EPSILON);
  }

  static Linear map(WhisperWeights.Map weights, Compute compute) {
    return Linear.rows(weights.weight(), weights.bias(), compute);
  }

  long ownBytes() {
    return norm.ownBytes() + query.ownBytes() + key.ownBytes() + value.ownBytes() + out.ownBytes();
  }
}
