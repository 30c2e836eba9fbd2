package org.tantra.host.registry;

import java.time.Instant;
import java.util.List;

/// A plugin copy that no longer serves but is still loaded.
///
/// @param zombie whether the drain limit has passed
/// @param since when it was retired
/// @param holders who has an open lease and for how long, oldest first
public record RetiredPlugin(PluginRef ref, boolean zombie, Instant since, List<String> holders) {
  public RetiredPlugin {
    holders = List.copyOf(holders);
  }
}
