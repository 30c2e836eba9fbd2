package org.tantra.host.store;

import static java.util.Objects.requireNonNull;

/// Something that a clean-up takes away, or would.
///
/// @param name of the weight, or the file
/// @param what `weight`, `entry` whose file is gone, or `leftover` of a crash
/// @param path what is deleted, relative to the home folder; empty if only the registry changes
/// @param bytes what that gives back
public record Removal(String name, String what, String path, long bytes) {
  public Removal {
    requireNonNull(name, "name");
    requireNonNull(what, "what");
    requireNonNull(path, "path");
  }
}
