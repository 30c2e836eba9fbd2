package org.tantra.host;

import java.util.List;

/// What became of the plugin copies that no longer serve.
///
/// @param draining copies that still have open leases
/// @param retired copies that were unloaded
/// @param collected how many of their class loaders the garbage collector has taken
/// @param leftovers which are still there, and what is known about who holds them
public record PluginFigures(int draining, long retired, long collected, List<String> leftovers) {
  public PluginFigures {
    leftovers = List.copyOf(leftovers);
  }
}
