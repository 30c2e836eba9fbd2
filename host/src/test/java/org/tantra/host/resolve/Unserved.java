package org.tantra.host.resolve;

import java.util.List;

/// Makes the exception for tests of the doors.
public final class Unserved {
  private Unserved() {}

  public static UnservedException by(List<Attempt> attempts) {
    return UnservedException.of(attempts, false);
  }
}
