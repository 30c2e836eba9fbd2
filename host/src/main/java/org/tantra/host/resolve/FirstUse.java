package org.tantra.host.resolve;

import org.tantra.api.Cancellation;

/// Makes weights for a model that is asked for by name, has none, and whose configuration wants
/// them made.
public interface FirstUse {
  /// Makes them, unless somebody else just did.
  ///
  /// @throws org.tantra.api.TantraException if they cannot be made
  void makeWeights(String model, Cancellation cancellation);

  /// Makes nothing.
  FirstUse NOTHING = (_, _) -> {};
}
