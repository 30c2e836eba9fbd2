package org.tantra.host.weights;

import org.tantra.api.WeightSource;

/// A state dict some of whose tensors come in another type than their source has them in. Keeps
/// count of what that did to their numbers.
sealed interface ChangedWeights extends WeightSource permits RetypedWeights, QuantizedWeights {
  /// What was done to the tensors handed out so far.
  Rounding rounding();
}
