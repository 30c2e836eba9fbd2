package org.tantra.plugin.pytorch;

import java.util.List;

/// Turns a persistent id, the only reference a pickle has to the world outside it, into a storage.
@FunctionalInterface
interface StorageResolver {
  /// @param id the tuple's elements
  /// @param refusal makes the error if it is no storage of this file
  Value.StorageView resolve(List<Value> id, Refusal refusal);
}
