package org.tantra.host.store;

import static java.util.Objects.requireNonNull;

/// What a look at one weight's checksum has shown.
///
/// @param entry whose
/// @param state see [State]
/// @param detail for people; empty if all is well
public record Scrub(WeightEntry entry, State state, String detail) {
  public Scrub {
    requireNonNull(entry, "entry");
    requireNonNull(state, "state");
    requireNonNull(detail, "detail");
  }

  public enum State {
    /// It is what was registered.
    SOUND,
    /// There was no checksum; now there is.
    RECORDED,
    /// It is something else.
    DIFFERS,
    /// It is not there.
    MISSING
  }
}
