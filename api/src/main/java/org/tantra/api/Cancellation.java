package org.tantra.api;

/// Whether a long step should stop. Implemented by the host; cheap to ask, from any thread.
@FunctionalInterface
public interface Cancellation {
  boolean cancelled();

  /// @throws TantraException `CANCELLED` if the step should stop
  default void check() {
    if (cancelled()) {
      throw new TantraException(ErrorKind.CANCELLED, "Cancelled.");
    }
  }

  /// Never.
  Cancellation NEVER = () -> false;
}
