package org.tantra.api;

/// What an extension needs before it can be loaded; the host asks this first, so that a refusal
/// costs nothing.
///
/// @param weights whether it needs a checkpoint from the store
/// @param minimumBytes memory it needs beside its weights, in bytes; 0 when that is next to nothing
/// @param network whether it reaches out to another machine
/// @param lowResource whether it is meant for small machines: preferred in low-resource mode
public record Needs(boolean weights, long minimumBytes, boolean network, boolean lowResource) {
  /// Nothing at all: always loads.
  public static final Needs NOTHING = new Needs(false, 0, false, true);

  /// A checkpoint, and memory in proportion to it.
  public static final Needs WEIGHTS = new Needs(true, 0, false, false);

  public Needs {
    if (minimumBytes < 0) {
      throw new IllegalArgumentException("minimumBytes is negative: " + minimumBytes);
    }
  }
}
