package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

/// An answer that came in one piece, and who gave it.
public record Result<R>(Served served, R value) {
  public Result {
    requireNonNull(served, "served");
    requireNonNull(value, "value");
  }
}
