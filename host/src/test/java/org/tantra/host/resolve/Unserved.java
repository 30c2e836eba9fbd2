package org.tantra.host.resolve;

import java.util.List;
import org.tantra.api.ErrorKind;

/// Makes the exception for tests of the doors.
public final class Unserved {
  private Unserved() {}

  public static UnservedException with(String code, List<Attempt> attempts) {
    return new UnservedException(code, ErrorKind.UNSUPPORTED, "Nobody answered.", attempts);
  }
}
